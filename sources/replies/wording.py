"""The look and the fixed words of a reply, Vietnamese with English beside it.

The signs tell severities apart without colour and exist in every common font. The
colours are ours alone, so that an earlier reply's marks are known again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Look(NamedTuple):
    """How one severity is shown, and what its reader should do."""

    sign: str
    vi: str
    en: str
    colour: str
    todo_vi: str
    todo_en: str


LOOKS: Mapping[str, Look] = {
    "BLOCKER": Look(
        "■",
        "CHẶN",
        "BLOCKER",
        "F27C83",
        "Sửa rồi gửi lại cả biểu: báo cáo chưa được nhận.",
        "Correct it and send the form again: the report was not taken.",
    ),
    "ERROR": Look(
        "●",
        "LỖI",
        "ERROR",
        "FFB6BA",
        "Sửa ô này rồi gửi lại: số này chưa được dùng.",
        "Correct this cell and send again: the figure is not used yet.",
    ),
    "WARNING": Look(
        "▲",
        "CẢNH BÁO",
        "WARNING",
        "FFD57E",
        "Kiểm tra lại. Sai thì sửa và gửi lại; đúng thì báo cho người phụ trách.",
        "Check it. Send again if it is wrong; tell the maintainer if it is right.",
    ),
    "INFO": Look(
        "○",
        "LƯU Ý",
        "INFO",
        "BFDDF7",
        "Để biết; không phải làm gì nếu số liệu đúng.",
        "For your information; nothing to do if the figure is right.",
    ),
}


WAITING = (
    "Đang chờ người phụ trách hệ thống quyết định; đơn vị không phải làm gì.",
    "Waiting for the maintainer to decide; the unit has nothing to do.",
)
"""What the sender reads of a finding that only the maintainer can settle."""
NOTHING_TO_DO = ("Đơn vị không phải làm gì.", "Nothing to do for the unit.")


def todo(severity: str, is_ours: bool) -> tuple[str, str]:
    """What the reader of a finding should do, Vietnamese and English."""
    look = LOOKS[severity]
    return NOTHING_TO_DO if is_ours else (look.todo_vi, look.todo_en)


class State(NamedTuple):
    """What became of a submission or delivery, in words and a colour."""

    vi: str
    en: str
    colour: str


STATES: Mapping[str, State] = {
    "accepted": State("ĐÃ NHẬN", "accepted", "2E7D4F"),
    "partly": State(
        "ĐÃ NHẬN MỘT PHẦN, còn số liệu bị giữ lại",
        "accepted in part, some figures are kept out",
        "B26A00",
    ),
    "superseded": State(
        "ĐÃ NHẬN, sau đó thay bằng lần gửi khác",
        "accepted, replaced by another sending",
        "5F6B7A",
    ),
    "held": State(
        "TẠM GIỮ, chờ người phụ trách xem", "held until a person decides", "B26A00"
    ),
    "waiting": State(
        "CHỜ NGƯỜI PHỤ TRÁCH QUYẾT ĐỊNH, đơn vị không phải làm gì",
        "waits for the maintainer, nothing to do",
        "B26A00",
    ),
    "rejected": State("CHƯA NHẬN, phải sửa và gửi lại", "rejected", "B3261E"),
    "refused": State(
        "TỪ CHỐI vì có dữ liệu cá nhân", "refused: personal data", "B3261E"
    ),
}

SHEET = "Kết quả kiểm tra"
AUTHOR = "Hệ thống kiểm tra · data check"
COMMENT_HEAD = "—— KẾT QUẢ KIỂM TRA · CHECK ——"
"""First line of what we write into a comment; all below it is ours."""

TITLE_VI = "KẾT QUẢ KIỂM TRA BÁO CÁO"
TITLE_EN = "Result of the data check"
SIMULATED = "SỐ LIỆU MÔ PHỎNG / SIMULATED"
HOW_TO = (
    "Sửa thẳng vào các ô được tô màu (rê chuột vào ô để đọc ghi chú), lưu tệp và bỏ lại"
    " vào thư mục nhận báo cáo. Trang này, màu và ghi chú của hệ thống được bỏ qua khi"
    " đọc lại. Công thức của đơn vị đã được thay bằng kết quả của nó.",
    "Correct the coloured cells (point at one to read its comment), save the file and"
    " drop it into the inbox again. This sheet, our colours and comments are ignored."
    " Your formulas were replaced by their results.",
)
HOW_TO_REPORT = (
    "Tệp của đơn vị không kèm lại ở đây. Sửa tệp gốc theo bảng dưới rồi gửi lại.",
    "Your file is not enclosed. Correct the original as listed below, then send it.",
)
HOW_TO_WAIT = (
    "Đơn vị không phải sửa và không phải gửi lại. Khi người phụ trách hệ thống quyết"
    " định xong, tệp đã gửi được đọc lại.",
    "There is nothing to correct or to send again. The file is read again once the"
    " maintainer has decided.",
)
ENDINGS: Mapping[str, State] = {
    "settled": State(
        "ĐÃ SỬA XONG, không còn gì phải sửa trong tệp này",
        "settled: nothing is left to correct",
        "2E7D4F",
    ),
    "dismissed": State(
        "KHÔNG NHẬN, lý do: {word}", "not taken, for the reason given", "B3261E"
    ),
    "passed_on": State(
        "ĐÃ CHUYỂN SANG CHƯƠNG TRÌNH {word}", "passed on to programme {word}", "5F6B7A"
    ),
}
"""How a delivery ended; `word` is the reason or the other programme's code."""
REST = State("Phần chưa nhận của tệp: ", "what was not taken: ", "")
"""Before an ending of a delivery of which some reports were accepted."""
_OUT_OF_DATE = (
    " Tệp đánh dấu trước đây đã cũ; xin đừng gửi lại tệp đó.",
    " The marked file that lay here is out of date: do not send it.",
)
HOW_TO_ENDED: Mapping[str, tuple[str, str]] = {
    "settled": (
        "Không phải làm gì nữa." + _OUT_OF_DATE[0],
        "Nothing to do." + _OUT_OF_DATE[1],
    ),
    "dismissed": (
        "Số liệu chưa nhận của tệp này không được dùng. Nếu đơn vị vẫn phải báo cáo,"
        " xin gửi báo cáo đúng; có gì chưa rõ, hỏi người phụ trách hệ thống."
        + _OUT_OF_DATE[0],
        "What was not taken of this file is not used. If the report is still owed, send"
        " the right one; ask the maintainer if in doubt." + _OUT_OF_DATE[1],
    ),
    "passed_on": (
        "Tệp này thuộc chương trình khác và được xem xét ở đó. Nếu đơn vị còn phải báo"
        " cáo ở chương trình này, xin gửi báo cáo đúng." + _OUT_OF_DATE[0],
        "The file belongs to another programme and is judged there. If a report is owed"
        " here too, send the right one." + _OUT_OF_DATE[1],
    ),
}
HEADERS = (
    ("Mức độ", "Severity"),
    ("Trang", "Sheet"),
    ("Ô", "Cell"),
    ("Chỉ tiêu", "Measure"),
    ("Nội dung và cách sửa", "What was found, and how to correct it"),
    ("Trong tệp", "Observed"),
    ("Mong đợi", "Expected"),
    ("Việc cần làm", "What to do"),
)
OBSERVED = "Trong tệp · observed"
EXPECTED = "Mong đợi · expected"
NOT_REPEATED = "(không nhắc lại ở đây · not repeated here)"
