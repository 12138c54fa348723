"""The program's version: stored with every proposal, so that it can be explained later."""

VERSION = "0.1.0"
