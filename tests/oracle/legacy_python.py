"""Write tests/golden/legacy_python.json: what names that later left the standard library did in Python 3.8.

Usage: ORACLE_PYTHON tests/oracle/legacy_python.py    (see tools/oracle.sh)
"""

import json
import os
import warnings

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "golden", "legacy_python.json")

# what is imported: expression
EXPRESSIONS = {
    "collections, collections.abc": "sorted(n for n in collections.abc.__all__ if hasattr(collections, n))",
    "collections": "[isinstance({}, collections.Mapping), isinstance(3, collections.Iterable)]",
    "inspect": "[list(inspect.getargspec(f)) for f in (lambda a, b=2, *c, **d: 0, lambda: 0)]",
    "inspect ": "list(inspect.getargspec(lambda a, b=2, *c, **d: 0)._fields)",
    "inspect  ": "failure(inspect.getargspec, lambda *, k: 0)",
    "fractions": "[fractions.gcd(12, 18), fractions.gcd(7, 3), fractions.gcd(0, 5)]",
    "base64": "[base64.encodestring(b'abc').decode(), base64.decodestring(b'YWJj').decode()]",
    "threading": "threading.current_thread().isAlive()",
    "html.parser": "html.parser.HTMLParser().unescape('a &lt; b &amp; c &#65;')",
    "configparser": "issubclass(configparser.SafeConfigParser, configparser.ConfigParser)",
    "json, io": "[json.loads('[1]', encoding='utf-8'), json.load(io.StringIO('{\"a\": 2}'), encoding='latin-1')]",
    "imp, math": "[imp.reload(math) is math, imp.new_module('x').__name__]",
    "unittest": "[getattr(unittest.TestCase(), n)(1, 1) for n in ('assertEquals', 'assertAlmostEquals')]",
    "unittest ": "failure(unittest.TestCase().assertNotEquals, 1, 1)",
    "unittest  ": "unittest.TestCase().assertRegexpMatches('abc', 'b')",
    "distutils.version": "distutils.version.LooseVersion('1.10.0') > distutils.version.LooseVersion('1.9')",
}


def failure(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return type(error).__name__


def evaluate(modules, expression):
    """The value of an expression, as JSON, with the modules that it names imported."""
    scope = {"failure": failure}
    for name in modules.replace(" ", "").split(","):
        exec("import " + name, scope)
    return json.dumps(eval(expression, scope))


def main():
    warnings.simplefilter("ignore")
    results = {modules: evaluate(modules, expression) for modules, expression in EXPRESSIONS.items()}
    with open(GOLDEN, "w") as f:
        json.dump(results, f, indent=0)
        f.write("\n")


if __name__ == "__main__":
    main()
