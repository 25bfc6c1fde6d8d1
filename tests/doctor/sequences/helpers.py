"""Functions on F, as collections of language models have them."""
import math


def masked_softmax(F, att_score, mask, dtype="float32"):
    if mask is not None:
        neg = -1e18 if dtype != "float16" else -1e4
        att_score = F.where(mask, att_score, neg * F.ones_like(att_score))
        return F.softmax(att_score, axis=-1) * mask
    return F.softmax(att_score, axis=-1)


def gelu(F, x):
    return 0.5 * x * (1 + F.erf(x / math.sqrt(2)))


def length_mask(F, x, valid_length):
    steps = F.contrib.arange_like(x, axis=1)
    ones = F.ones_like(steps)
    return F.broadcast_lesser(F.reshape(steps, shape=(1, -1)), F.broadcast_mul(F.reshape(valid_length, shape=(-1, 1)), F.reshape(ones, shape=(1, -1))))


def old_decoder(F, image):
    return F.imdecode(image, clip_rect=(0, 0, 0, 0))
