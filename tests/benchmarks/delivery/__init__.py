"""The delivery worker against its promises: `parts` runs them."""
