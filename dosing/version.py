"""The program's version: stored with every proposal, to explain it later."""

VERSION = "0.1.0"
