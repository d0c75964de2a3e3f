"""PostgreSQL and Valkey of this installation: found, started, stopped; knows neither Django nor settings.

`python -m dtsen_site.embedded start | stop | status`. Only the programs of the wheels are used, never
their Python layer, which opens every parent folder to everybody and makes system users.
"""
