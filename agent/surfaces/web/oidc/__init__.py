"""Login by OpenID Connect: the provider as we ask it, logins that are under way, and what a token must say."""
