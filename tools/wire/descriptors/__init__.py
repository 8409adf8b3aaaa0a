"""From a FileDescriptorSet to a tree of declarations: names, lines, comments, resolved features; no rules yet."""
