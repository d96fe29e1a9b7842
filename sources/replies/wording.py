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
SETTLED = State(
    "ĐÃ SỬA XONG, không còn gì phải sửa trong tệp này",
    "settled: nothing is left to correct",
    "2E7D4F",
)
HOW_TO_SETTLED = (
    "Không phải làm gì nữa. Tệp đánh dấu trước đây đã cũ; xin đừng gửi lại tệp đó.",
    "Nothing to do. The marked file that lay here is out of date: do not send it.",
)
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
