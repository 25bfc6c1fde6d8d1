"""A text to learn, its words as numbers, and batches of it."""

from __future__ import print_function

import random

from mxnet import nd

PEOPLE = """Anna Boris Clara David Elena Felix Greta Henry Irene Jonas Karla Lukas Maria Niels Olga Peter Rosa Simon
Tilda Viktor""".split()
PLACES = """abbey bakery bridge castle chapel church cottage farm forest garden harbour hill house inn island kitchen
lake library market meadow mill mountain orchard palace river school station street temple theatre tower town valley
village well""".split()
THINGS = """apple barrel basket bell blanket boat book bottle bread broom candle carpet chair clock coat coin cup door
drum fiddle fish flag flute hammer hat horn key knife ladder lamp lantern letter map mirror needle nest painting pear
pipe plate plum purse ribbon ring rope sack saddle scarf ship shoe spoon sword table umbrella violin wheel window
wreath""".split()
CREATURES = """badger bear boy cat child cook crow dog donkey duck farmer fox frog girl goat goose hare hen heron horse
king lamb miller monk mouse owl ox painter pig pilot prince princess queen rabbit sailor sheep shepherd singer smith
snail sparrow squirrel stork swan tailor teacher thief weaver wolf woman""".split()
SIZES = "big broad enormous huge little long narrow short slender small tall tiny".split()
COLOURS = "black blue brown golden green grey orange pink purple red silver white yellow".split()
MOODS = "angry brave careful cheerful clever curious gentle happy hungry kind lazy lonely proud quiet sad shy".split()
WAYS = """again/at once/carefully/gladly/in silence/often/quickly/quietly/slowly/soon/suddenly/with a
smile""".replace("\n", " ").split("/")
TIMES = """in the morning/at noon/in the evening/at night/on Monday/on Tuesday/on Wednesday/on Thursday/on Friday/in
spring/in summer/in autumn/in winter/before dawn/after the rain""".replace("\n", " ").split("/")
TO_THING = """bring:brought buy:bought carry:carried drop:dropped find:found forget:forgot hide:hid hold:held lose:lost
mend:mended paint:painted sell:sold show:showed steal:stole take:took want:wanted wash:washed""".split()
TO_CREATURE = """answer:answered call:called chase:chased feed:fed follow:followed greet:greeted help:helped hear:heard
know:knew love:loved meet:met save:saved see:saw teach:taught thank:thanked trust:trusted watch:watched""".split()
TO_PLACE = """climb:climbed come:came fly:flew go:went ride:rode run:ran sail:sailed walk:walked
wander:wandered""".split()
SAYING = "believe:believed hope:hoped say:said think:thought".split()


PLURALS = {
    "child": "children", "fish": "fish", "goose": "geese", "knife": "knives", "mouse": "mice", "ox": "oxen",
    "sheep": "sheep", "thief": "thieves", "wolf": "wolves", "woman": "women",
}  # fmt: skip


class Writer(object):
    """Writes a story by a small grammar: a paragraph speaks of one hero, and verbs agree with nouns."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def below(self, n):
        return int(self.random.random() * n)

    def one(self, words):
        """Words further in front come more often."""
        return words[int(len(words) * self.random.random() ** 2)]

    def plural(self, noun):
        if noun in PLURALS:
            return PLURALS[noun]
        if noun.endswith(("s", "x", "ch", "sh")):
            return noun + "es"
        return noun[:-1] + "ies" if noun.endswith(("ry", "ey", "by", "ly")) else noun + "s"

    def verb(self, verbs, plural, past):
        base, gone = self.one(verbs).split(":")
        if past:
            return gone
        if plural:
            return base
        if base[-1] == "y" and base[-2] not in "aeou":
            return base[:-1] + "ies"
        return base + ("es" if base.endswith(("o", "s", "sh", "ch")) else "s")

    def noun(self, nouns, moods):
        """(words, whether it is plural)"""
        name, plural, words = self.one(nouns), self.below(4) == 0, []
        if self.below(3) == 0:
            words.append(self.one(moods))
        if self.below(4) == 0:
            words.append(self.one(COLOURS))
        words.append(self.plural(name) if plural else name)
        if plural:
            first = self.one(["the", "two", "three", "many", "some"])
        else:
            first = self.one(["the", "a", "every", "his", "her"])
        if first == "a" and words[0][0] in "aeiou":
            first = "an"
        return [first] + words, plural

    def clause(self, hero, past):
        """A subject, a verb and what belongs to it."""
        if self.below(3):
            words, plural = [hero], False
        else:
            words, plural = self.noun(CREATURES, MOODS)
        kind = self.below(10)
        if kind == 0:
            return words + [self.verb(SAYING, plural, past), "that"] + self.clause(hero, past)
        if kind < 4:
            words = words + [self.verb(TO_PLACE, plural, past), "to"] + self.noun(PLACES, SIZES)[0]
        elif kind < 7:
            words = words + [self.verb(TO_CREATURE, plural, past)] + self.noun(CREATURES, MOODS)[0]
        else:
            words = words + [self.verb(TO_THING, plural, past)] + self.noun(THINGS, SIZES)[0]
            if self.below(3) == 0:
                words += ["near"] + self.noun(PLACES, SIZES)[0]
        return words + (self.one(WAYS).split() if self.below(4) == 0 else [])

    def sentence(self, hero, past):
        words = self.clause(hero, past)
        if self.below(4) == 0:
            words = self.one(TIMES).split() + words
        if self.below(4) == 0:
            words += [",", self.one(["and", "but", "because", "while"])] + self.clause(hero, past)
        return " ".join(words) + " ."

    def text(self, size):
        """About ``size`` characters, a sentence a line."""
        lines, length = [], 0
        while length < size:
            hero, past = PEOPLE[self.below(len(PEOPLE))], self.below(2) == 0
            for _ in range(4 + self.below(5)):
                lines.append(self.sentence(hero, past))
                length += len(lines[-1]) + 1
            lines.append("")
            length += 1
        return "\n".join(lines) + "\n"


class Dictionary(object):
    """Numbers of words, in the order in which they are met."""

    def __init__(self):
        self.word2idx = {}
        self.idx2word = []

    def add_word(self, word):
        if word not in self.word2idx:
            self.idx2word.append(word)
            self.word2idx[word] = len(self.idx2word) - 1
        return self.word2idx[word]

    def __len__(self):
        return len(self.idx2word)


class Corpus(object):
    """Texts to train, validate and test with, as vectors of numbers of words; a line ends in ``<eos>``."""

    def __init__(self, train, valid, test):
        self.dictionary = Dictionary()
        self.train, self.valid, self.test = (self.tokenize(text) for text in (train, valid, test))

    def tokenize(self, text):
        words = [word for line in text.splitlines() for word in line.split() + ["<eos>"]]
        return nd.array([self.dictionary.add_word(word) for word in words], dtype="int32")


def batchify(data, batch_size):
    """A vector as (steps, batch_size): each column a piece of the text, what is left over at the end cut off."""
    steps = data.shape[0] // batch_size
    return data[: steps * batch_size].reshape((batch_size, steps)).T


def get_batch(source, i, bptt):
    """``bptt`` steps from the ``i``-th on, and the words that follow each of them."""
    length = min(bptt, source.shape[0] - 1 - i)
    return source[i : i + length], source[i + 1 : i + 1 + length].reshape((-1,))
