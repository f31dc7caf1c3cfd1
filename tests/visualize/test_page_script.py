"""Our own script in fewer letters: texts, expressions and parts of objects stay as they are."""

from __future__ import annotations

import pytest

from ripplegraph.visualize.page_parts import part, script_part
from ripplegraph.visualize.page_script import short_script


@pytest.mark.parametrize(
    ("script", "short"),
    [
        ('say("a  // b /* c */");', 'say("a  // b /* c */");'),
        ("say('it\\'s  so');", "say('it\\'s  so');"),
        ("say(`two  words // here`);", "say(`two  words // here`);"),
        ('say(/[/ ]  \\/"/g.test(x)); // why', 'say(/[/ ]  \\/"/g.test(x));'),
        ("const half = all / 2 / more;", "const a=all/2/more;"),
        ("const twice = (all) / 2; say(twice / 3);", "const a=(all)/2;say(a/3);"),
        ("return typeof  x;", "return typeof x;"),
        ("x = y + +z - -z;", "x=y+ +z- -z;"),
        ("x = 1\ny = 2\n", "x=1\ny=2"),
        ("/* one\ntwo */ say(x);", "say(x);"),
    ],
)
def test_what_means_something_stays(script: str, short: str) -> None:
    assert short_script(script) == short


@pytest.mark.parametrize(
    ("script", "short"),
    [
        ("const name = one.name; say(name);", "const a=one.name;say(a);"),
        ("const name = one?.name;", "const a=one?.name;"),
        ("const name = 1; say({ name });", "const a=1;say({name:a});"),
        ("const name = 1; say({ name: name, rest: 2 });", "const a=1;say({name:a,rest:2});"),
        ("const { name, text } = one; say(name);", "const{name:a,text:b}=one;say(a);"),
        ("const [name, ...text] = one; say(name);", "const[a,...b]=one;say(a);"),
        ("const name = x ? name : y;", "const a=x?a:y;"),
        ("const f = (one, at = document) => { one = at; };", "const c=(b,a=document)=>{b=a;};"),
        ("function take(one) { one(); }", "function b(a){a();}"),
        ("const first = a;", "const b=a;"),
    ],
)
def test_names_of_its_own_get_short_and_others_stay(script: str, short: str) -> None:
    assert short_script(script) == short


@pytest.mark.parametrize(
    ("script", "why"),
    [("const x = 1; say(`${x}`);", "Join texts"), ("say({ now() { } });", "Make it a function")],
)
def test_what_it_cannot_shorten_safely_is_refused(script: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        short_script(script)


def test_the_script_of_the_page_gets_much_shorter() -> None:
    assert len(script_part("svg_view.js")) < 0.8 * len(part("svg_view.js"))


def test_modules_become_one_script_that_links_nothing() -> None:
    script = script_part("picture.js", "svg_view.js")
    assert "import" not in script
    assert "export" not in script
    assert len(script) > len(script_part("picture.js")) > 0
