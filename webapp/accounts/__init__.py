"""Who people are and what they may see: sign-in links, and one queryset per kind of thing.

May import models, core and config.
"""
