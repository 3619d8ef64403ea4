"""LED strips, number boards and customer displays whose frames are described as data.

``notation`` reads how a frame is written in a TOML file, ``model`` is what it means, ``build``
makes bytes of it, ``answers`` finds a panel's answers, ``codec`` puts them together.
"""
