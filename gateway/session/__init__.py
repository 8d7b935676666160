"""Sign-on of browsers: code flow with the issuer, sessions in the database, a cookie that says nothing.

What the browser holds is 256 random bits; what is kept of them is their hash. Tokens of the issuer
stay here, encrypted.
"""
