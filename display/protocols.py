"""Which codec speaks which protocol."""

from display.led.bx5k import Bx5k
from display.led.codec import Codec

CODECS: dict[str, Codec] = {"bx5k": Bx5k()}
