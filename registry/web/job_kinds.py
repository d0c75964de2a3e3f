"""The lists of the office, which the job of `registry.common.exports` writes."""

from registry.web.office import lists as lists
