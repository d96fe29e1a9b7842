from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.readers.innocent_texts import are_innocent
from sources.readers.personal import find_personal


@settings(max_examples=150)
@given(
    texts=st.lists(
        st.sampled_from(
            (
                *("Họ và tên", "Số CCCD", "Nguyễn Văn An", "1/2/1990", "079123456789"),
                *("0912345678", "a@b.vn", "123456789", "Số vụ", "12", "Họ tên: An"),
            )
        ),
        max_size=6,
    )
)
def test_innocent_texts_make_no_finding_together(texts):
    innocent = [text for text in texts if are_innocent([text])]
    places = [divmod(place, 2) for place in range(len(innocent))]
    rows, columns = [row for row, _ in places], [column for _, column in places]
    assert not find_personal(rows, columns, "s" * len(innocent), innocent)
    assert are_innocent(["Số vụ", "12", "Nguyễn Văn An"])
