"""PURE: the ESC/POS commands around a ticket's body.

::

    ESC @        1B 40                           power-on settings
    GS a n       1D 61 n                         automatic status on (1 online, 2 error, 3 paper)
    ESC d n      1B 64 n                         print and feed n lines
    GS V 66 n    1D 56 42 n                      feed to the cutter plus n dots, partial cut
    GS ( H       1D 28 48 06 00 30 30 d1..d4     answer 37 22 d1..d4 00 when printed
    GS r 1       1D 72 01                        answer the paper status, in order with the data
    DLE DC4 8    10 14 08 01 03 14 01 06 02 08   clear all buffers, answer 37 25 00
    GS V 66 0    1D 56 42 00                     feed to the cutter, partial cut

Source: the ESC/POS command references of Epson.
"""

INITIALISE = b"\x1b@"
AUTO_STATUS_ON = b"\x1da\x0e"
ASK_PAPER_IN_ORDER = b"\x1dr\x01"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_CUT_OFF = b"\x1dV\x42\x00"
# What a command that was cut short may still want: the rest of a picture's band (72 bytes × 128
# rows at most), or of a QR code.
_REST_OF_PICTURE = 72 * 128
_REST_OF_TEXT = 1024

# A token's bytes may be 20h–7Eh; digits and capitals are easy to read in a trace.
_TOKEN_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def cut_off_the_rest(*, picture: bool) -> bytes:
    """Ends what was left unfinished: completes a command that was cut short with NUL (which
    outside of a command is nothing), forgets the line that was begun, and cuts, so that the next
    ticket is whole and on paper of its own."""
    rest = _REST_OF_PICTURE if picture else _REST_OF_TEXT
    return b"\x00" * rest + INITIALISE + _CUT_OFF


def process_id(token: bytes) -> bytes:
    """GS ( H function 48: report this token when everything before it is printed.

    Raises ValueError unless it is four bytes of 20h–7Eh.
    """
    if len(token) != 4 or any(not 0x20 <= byte <= 0x7E for byte in token):
        raise ValueError("a process id is four bytes of 20h to 7Eh")
    return b"\x1d(H\x06\x00\x30\x30" + token


def token_for(number: int) -> bytes:
    """The token of the spool's n-th sending; repeats after 1.6 million, long after the first one
    was forgotten."""
    letters = bytearray()
    for _ in range(4):
        number, digit = divmod(number, len(_TOKEN_ALPHABET))
        letters.append(_TOKEN_ALPHABET[digit])
    return bytes(reversed(letters))
