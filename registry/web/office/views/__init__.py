"""One module per desk; each view finds what the officer may see, calls one operation and renders."""
