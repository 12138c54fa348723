"""The recall of what a faulty build made: proposals, doses and printed pages, then and now."""
