"""The administration (`/admin/`): Django's admin on Unfold, for administrators and auditors.

Its pages are registered by `pages/`; everything personal or of casework is read-only here.
"""
