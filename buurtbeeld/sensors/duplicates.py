"""The same sensor by way of two publishers counts once."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc


def without_twins(places: pa.Table, others: Collection[str]) -> pa.Table:
    """`places` without those that stand among the ids of `others` under the name their column `same_as` gives.

    The others are kept because they are the better ones: Samen Meten has the sensors of Sensor.Community calibrated.
    """
    twins = pc.is_in(places["same_as"], value_set=pa.array(others, type=pa.string()))
    return places.filter(pc.invert(pc.fill_null(twins, False)))
