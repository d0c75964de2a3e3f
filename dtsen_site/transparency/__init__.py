"""The page of transparency: sections of figures that the rooms register, rendered, and offered as files.

What a section says is its room's business (`registry.common.transparency`); here is only how it is shown.
"""
