"""The pieces of the page of now: its parts, the newest that refreshes itself, map, card, charts, kinds of sensors.

The newest is a fragment: the server is asked again every few seconds, and only that piece is drawn anew. The rest of
the page follows when there is another build, or when a sensor fell silent. Streamlit goes on asking in a window that
nobody looks at, so after a while in which nothing was done the page stops by itself, and says so.
"""

import logging
import time
from datetime import datetime
from html import escape

import pydeck as pdk
import streamlit as st

from buurtbeeld import queries, selection
from buurtbeeld.charts import legend, levels, rhythm, signs
from buurtbeeld.decisions import Decisions
from buurtbeeld.maps import decks
from buurtbeeld.maps.shading import Row
from buurtbeeld.now import page, states, telling
from buurtbeeld.selection import PARTS
from buurtbeeld.store import NoMart, shared
from buurtbeeld.texts import capital
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.choices import pick_area
from buurtbeeld.widgets.drawings import _key, _nudged, _seen, _size
from buurtbeeld.widgets.frame import note
from buurtbeeld.widgets.notes import cite

EVERY_S = 15
IDLE_S = 15 * 60
LEVELS = 280  # pixels of the height of the chart of two days
TOUCHED, OWN = "now_touched", "now_own"  # when something was last done; whether this run is one of our own


def pick_part(view: View) -> None:
    """The parts that have sensors."""
    say = view.words
    if not view.offer.parts:
        return
    parts = view.offer.parts if view.choice.part in view.offer.parts else (*view.offer.parts, view.choice.part)
    selection.bind("part", view.choice.part)
    st.pills(
        say.t("now.pick.part"),
        parts,
        required=True,
        format_func=lambda part: say.t(f"now.part.{PARTS[part]}"),
        key="part",
        label_visibility="collapsed",
        on_change=lambda: selection.change(deel=st.session_state.part, stof=None, sensor=None),
    )


def refreshing(view: View) -> bool:
    """The switch to stop it, and whether the page refreshes itself: not when it is off, nor when nobody looks."""
    say, state = view.words, st.session_state
    if not state.pop(OWN, False):
        state[TOUCHED] = time.monotonic()
    idle = _idle()
    selection.bind("moving", not view.choice.still)
    st.toggle(
        say.t("now.refresh"),
        key="moving",
        on_change=lambda: selection.change(ververs=None if st.session_state.moving else selection.NO[0]),
    )
    return not idle and not view.choice.still


def _idle() -> bool:
    touched: float = st.session_state.get(TOUCHED, time.monotonic())
    return time.monotonic() - touched > IDLE_S


def newest(view: View, moving: bool) -> None:
    """What is measured now and how old it is; it draws itself again while `moving`, and else says why it doesn't."""
    if not moving and not view.choice.still:
        # Whatever is pressed makes it go on; this is for who has nothing else to press.
        st.info(view.words.t("now.idle", count=view.words.number(IDLE_S // 60)))
        st.button(view.words.t("now.go_on"), key="go_on", type="primary")
    at = page.moment(view)
    st.fragment(_newest, run_every=EVERY_S if moving else None)(view, page.turned(view, at), moving)


def _newest(view: View, change: datetime | None, moving: bool) -> None:
    at = page.moment(view)
    if moving and (_idle() or _changed(view) or page.turned(view, at) != change):
        st.session_state[OWN] = True
        st.rerun()
    told = page.told(view, at)
    if told.badge:
        badge(told.badge, told.about)
    st.header(plain(told.lead), anchor=False)
    if told.means:
        st.markdown(plain(told.means))
    st.markdown(" · ".join(f"**{plain(line)}**" for line in told.ages))
    if told.tiles:
        # One below the other on a phone, as Streamlit does with columns.
        for column, tile in zip(st.columns(max(len(told.tiles), 3), gap="small"), told.tiles, strict=False):
            with column, st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f"**{plain(tile.title)}**")
                st.metric(tile.title, tile.value, label_visibility="collapsed")
                note("  \n".join(map(plain, tile.lines)))
    if alerts := page.alerts(view):
        st.markdown(f"**{view.words.t('now.alerts')}**\n" + "\n".join(f"- {plain(line)}" for line in alerts))


def _changed(view: View) -> bool:
    """Whether another mart was published since the page was drawn, or this one is gone."""
    try:
        return shared().current() is not view.mart
    except NoMart:
        return True


def badge(name: str, words: str) -> None:
    """That what follows is simulated, so large that nobody misses it."""
    st.html(
        '<p style="border:3px solid #A6004E;border-radius:4px;padding:.3rem .8rem;margin:0;color:#17212B">'
        f'<strong style="font-size:1.5rem;letter-spacing:.08em;color:#A6004E">{escape(name)}</strong> '
        f"{escape(words)}</p>"
    )


def nothing(view: View) -> None:
    """A page or a part without a single sensor: what would be here, and that there is nothing yet."""
    say, there = view.words, set(view.offer.sensors.values())
    st.markdown(say.t("now.nothing"))
    for kind in (each for each in view.catalogue.sensor_kinds.values() if each.group not in there):
        name = capital(view.catalogue.places[kind.id].plural.get(say.lang))
        st.markdown(f"- **{plain(name)}.** {plain(kind.about.get(say.lang))}")
    note(say.t("now.nothing.how"))


def now_map(view: View) -> None:
    """The map of the sensors of the part. A click chooses one, or the buurt that was clicked."""
    at = page.moment(view)
    change, known, size, key = page.turned(view, at), page.areas(view), _size(), _key("map")
    picked, code = page.chosen(view), view.choice.area or ""
    about = page.quantity(view)
    zoom, nudged = view.choice.zoom, _nudged()
    lon, lat = (picked.sensor.lon, picked.sensor.lat) if picked else (None, None)
    ring = (lon, lat) if lon is not None and lat is not None else None
    worn = telling.badge_of_all(page.part(view), view.words)
    around = code or (picked.sensor.code if picked else None)

    def make() -> pdk.Deck:
        lang = view.words.lang
        file = f"{lang}/nu/{view.choice.part}/{states.written(change)}.geojson"
        below = (
            f"{lang}/nu/bekend/{about.id}.geojson"
            if known and about
            else f"{lang}/nu/buurten/{view.choice.part}.geojson"
        )
        return decks.now(
            view.mart.build.id,
            _seen(view, size, zoom, around, nudged),
            below,
            file,
            borders="wijk",
            hatched=bool(known),
            marked=code,
            ring=ring,
            badge=worn,
            height=size[1],
        )

    drawn = (view.choice.part, about.id if known and about else "", change, code, picked.key if picked else "")
    told = view.words.t("now.map", part=view.words.t(f"now.part.{PARTS[view.choice.part]}"), city=view.city.name)
    if worn:
        # On the map, and above it where no hand can move it away.
        st.markdown(f":gray-badge[{worn}]")
        told = f"{worn}: {told}"
    st.pydeck_chart(
        view.once("now deck", make, *drawn, size, zoom, around, nudged),
        height=size[1],
        key=key,
        alt=told,
        selection_mode="single-object",
        on_select=lambda: _clicked(view, key),
    )


def _clicked(view: View, key: str) -> None:
    """Chooses the clicked sensor or buurt; what is chosen is let go by a second click."""
    objects = st.session_state[key].selection.objects
    found = [each["properties"] for layer in objects.values() for each in layer]
    for each in found:
        if sensor := each.get("sensor"):
            selection.change(sensor=None if sensor == view.choice.sensor else sensor)
        elif code := each.get("code"):
            selection.change(gebied=None if code == view.choice.area else code)


def now_legend(view: View) -> None:
    """How many sensors are in each state, and how many buurten are measured."""
    say, rows = view.words, page.counts(view, page.moment(view))
    st.html(signs.html(rows, say.t("now.legend"), (say.t("now.table.state"), say.t("now.count"))))
    if known := page.area_rows(view):
        about = page.quantity(view)
        assert about
        title = say.t("now.legend.areas", title=about.short.get(say.lang))
        rows_ = [Row(label, colour, count, pattern) for label, colour, pattern, count in known]
        st.html(legend.html(rows_, title, (say.t("now.table.known"), say.t("now.count"))))


def now_minding(view: View) -> None:
    """How sure what is measured is, and why areas have no order."""
    lines = [plain(line) for line in page.about_air(view, page.moment(view))]
    if page.areas(view):
        lines.append(view.words.t("now.never_rank"))
    if lines:
        note("  \n".join(lines))


def pick_quantity(view: View) -> None:
    """What is looked at, where sensors of the part measure more than one thing."""
    say, offered = view.words, page.quantities(view)
    about = page.quantity(view)
    if about is None or len(offered) < 2:
        return
    titles = {each.id: each.title.get(say.lang) for each in offered}
    selection.bind("quantity", about.id)
    st.selectbox(
        say.t("now.pick.quantity"),
        list(titles),
        format_func=lambda id: titles[id],
        key="quantity",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(stof=st.session_state.quantity),
    )


def pick_sensor(view: View) -> None:
    """A buurt and a sensor by name, for who does not or can not click the map."""
    say = view.words
    pick_area(view, telling.LEVEL, say.t("pick.area", level=view.level(telling.LEVEL)))
    change = page.turned(view, page.moment(view))
    labels = view.once("labels of now", lambda: page.labels(view), view.choice.part, view.choice.area, change)
    if len(labels) > page.LISTED:
        note(say.t("now.pick.first", count=say.number(len(labels))))
        return
    picked = page.chosen(view)
    if picked and picked.key not in labels:  # it stands elsewhere, and has to be let go here
        labels = {picked.key: picked.sensor.name} | labels
    if not labels:
        note(say.t("now.pick.none"))
        return
    selection.bind("sensor", view.choice.sensor if view.choice.sensor in labels else None)
    st.selectbox(
        say.t("now.pick.sensor"),
        list(labels),
        index=None,
        format_func=lambda key: labels[key],
        key="sensor",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(sensor=st.session_state.sensor),
    )


def sensor_card(view: View) -> None:
    """The chosen sensor and the chosen buurt; without any, how to choose."""
    say, picked = view.words, page.chosen(view)
    area = next((each for each in page.areas(view) if each.code == view.choice.area), None)
    with st.container(border=True, gap="xsmall"):
        pick_sensor(view)
        if area:
            st.markdown(f"**{plain(area.name)}**: {plain(area.text)}")
        if picked is None:
            note(say.t("now.choose"))
            return
        if picked.sensor.is_simulated:
            badge(telling.badge([picked], say), "")
        st.markdown(f"**{plain(picked.sensor.name)}**")
        st.markdown("  \n".join(map(plain, page.card(view, picked, page.moment(view)))))
        if lines := page.readings(view, picked):
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        # What is in an expander travels when somebody opens it.
        more = st.expander(say.t("now.card.about"), key="about_sensor", on_change="rerun")
        if more.open:
            with more:
                st.markdown(page.about_kind(view, picked.kind, _decided(view).kinds.get(picked.kind.id)))


def now_levels(view: View) -> None:
    """The last two days as lines with the limits across them, and the same in words and in a table.

    Nothing without hours.
    """
    say, about = view.words, page.quantity(view)
    found = page.lines(view, page.moment(view))
    if about is None or not found:
        return
    title = about.title.get(say.lang)
    st.header(plain(say.t("now.levels", title=title, count=say.number(page.HOURS))), anchor=False)
    name = page.badge(found, view)
    if name:
        badge(name, page.made_up(view, True) if page.some(found) else "")
    across = levels.drawn(page.limits(view), found)
    unit = view.catalogue.units[about.unit].word.get(say.lang)
    st.vega_lite_chart(
        levels.spec(found, across, unit, about.decimals, say, LEVELS, name),
        key="levels",
        alt=page.levels_told(view, found),
    )
    st.markdown("  \n".join(map(plain, page.keys(view, found, across))))
    note("  \n".join(filter(None, [plain(page.levels_told(view, found)), page.limits_told(view)])))
    # What is in an expander travels when somebody opens it.
    rows = st.expander(say.t("now.levels.table", count=say.number(page.HOURS)), key="levels_table", on_change="rerun")
    if rows.open:
        with rows:
            st.markdown(page.levels_table(view, found))


def now_rhythm(view: View) -> None:
    """The week as squares, of a station, a sensor or a wijk; never of buurten."""
    say, named = view.words, page.rhythms(view)
    if not named:
        return
    st.header(plain(say.t("now.rhythm")), anchor=False)
    key = page.rhythm_key(view)
    selection.bind("rhythm", key)
    st.selectbox(
        say.t("now.pick.rhythm"),
        list(named),
        format_func=lambda id: named[id],
        key="rhythm",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: _choose_rhythm(view),
    )
    found = view.once("rhythm", lambda: page.rhythm(view), key, page.quantity(view))
    if found is None or not any(beat.hours >= rhythm.LEAST for beat in found.beats):
        note(say.t("now.rhythm.few"))
        return
    about = found.quantity
    name = telling.badge_of(found.is_simulated, say)
    if name:
        badge(name, "")
    unit = view.catalogue.units[about.unit].word.get(say.lang)
    told = page.rhythm_told(view, found)
    left, right = st.columns([3, 1], gap="medium")
    with left:
        drawn = view.once(
            "rhythm chart", lambda: rhythm.spec(found.beats, unit, about.decimals, say, name, about.high), key, about.id
        )
        st.vega_lite_chart(drawn, key="rhythm_chart", alt=told)
    with right:
        few = say.t("now.rhythm.too_few", count=rhythm.LEAST)
        rows = rhythm.legend(found.beats, about.decimals, say, few, about.high)
        st.html(legend.html(rows, say.t("now.rhythm.legend", unit=unit), (unit, say.t("now.count"))))
    note(plain(told))
    # What is in an expander travels when somebody opens it.
    rows_ = st.expander(say.t("now.rhythm.table"), key="rhythm_table", on_change="rerun")
    if rows_.open:
        with rows_:
            st.markdown(rhythm.table(found.beats, about.decimals, say))


def _choose_rhythm(view: View) -> None:
    chosen = st.session_state.rhythm
    if chosen in view.offer.areas:
        selection.change(gebied=chosen, sensor=None)
    else:
        selection.change(sensor=chosen)


def now_table(view: View) -> None:
    """The sensors in words, of the chosen area when one is chosen; and what is known of each buurt."""
    say, at = view.words, page.moment(view)
    drawn = (view.choice.part, view.choice.area, page.turned(view, at))
    st.markdown(view.once("now table", lambda: page.table(view, at), *drawn))
    if (more := view.once("inside", lambda: len(page.inside(view, page.part(view))), *drawn[:2]) - page.TABLE_ROWS) > 0:
        note(say.t("now.table.more", count=say.number(more)))
    if page.areas(view):
        about = page.quantity(view)
        assert about
        buurten = st.expander(
            plain(say.t("now.legend.areas", title=about.title.get(say.lang))), key="known", on_change="rerun"
        )
        if buurten.open:
            with buurten:
                st.markdown(view.once("known table", lambda: page.area_table(view), about.id))


def about_sensors(view: View) -> None:
    """Of each kind what it does, what it knows of people, what the gemeente says of it, and what registers have."""
    say, catalogue = view.words, view.catalogue
    decided = _decided(view)
    for kind in page.kinds(view):
        name = capital(catalogue.places[kind.id].plural.get(say.lang))
        st.subheader(plain(name), anchor=False)
        st.markdown(page.about_kind(view, kind, decided.kinds.get(kind.id)))
    note(say.t("now.answers"))


def _decided(view: View) -> Decisions:
    """What the gemeente answers; what can't be read of it is told to its staff, in the log."""
    decided = shared().decisions(tuple(view.catalogue.sensor_kinds))
    for problem in decided.problems:
        logging.getLogger(__name__).warning(problem)
    return decided


def now_sources(view: View) -> None:
    """Where what is shown is from."""
    known = {row.id for row in view.mart.ask(queries.sources)}
    cite(view, page.sources(view) & known)
