"""Rejections: one code per reason to refuse a delivery, with its words and remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

_SEND_AGAIN = (
    "Mở tệp gốc trên máy của đơn vị, lưu lại và gửi lại.",
    "Open the original at the unit, save it and send it again.",
)
_SAVE_AS_XLSX = (
    "Mở bằng Excel, chọn Lưu thành > Excel Workbook (.xlsx) rồi gửi lại.",
    "Open it in Excel, choose Save As > Excel Workbook (.xlsx) and send it again.",
)
_TYPE_IN = (
    "Điền số liệu vào biểu mẫu Excel rồi gửi lại.",
    "Fill in the Excel template and send that.",
)
_FRESH_TEMPLATE = (
    "Lấy biểu mẫu mới của kỳ này, chép số liệu sang rồi gửi lại.",
    "Take a fresh template of this period, copy the figures over and send it again.",
)


NO_TABLES: Mapping[bytes, tuple[str, str]] = {
    b"%PDF": (
        "đây là tệp PDF hoặc bản quét, không đọc được số liệu",
        "a PDF or a scan, from which no figures are read",
    ),
    b"\xff\xd8\xff": ("đây là ảnh, không đọc được số liệu", "a picture (JPEG)"),
    b"\x89PNG": ("đây là ảnh, không đọc được số liệu", "a picture (PNG)"),
    b"word/document.xml": (
        "đây là tệp Word, không đọc được số liệu",
        "a document of Word, from which no figures are read",
    ),
}
"""What no spreadsheet program can save as a workbook: by its first bytes or by a part
of it, in Vietnamese and English."""
_ENGLISH_NO_TABLES = {english for _, english in NO_TABLES.values()}


class Wording(NamedTuple):
    """What one code says in both languages, and what to do about it."""

    vi: str
    en: str
    remedy: tuple[str, str]


WORDINGS: Mapping[str, Wording] = {
    "X_EMPTY": Wording(
        "Tệp rỗng (0 byte).", "The file is empty (0 bytes).", _SEND_AGAIN
    ),
    "X_TOOBIG": Wording(
        "Tệp vượt giới hạn cho phép: {detail}.",
        "The file is over a limit: {detail}.",
        (
            "Xóa các dòng, cột trống ngoài bảng (chọn dòng > Delete), lưu và gửi lại.",
            "Delete the empty rows and columns outside the table, save and send again.",
        ),
    ),
    "X_BOMB": Wording(
        "Tệp nén bất thường, có thể là tệp phá hoại: {detail}.",
        "The container inflates abnormally, like a bomb: {detail}.",
        _SEND_AGAIN,
    ),
    "X_DAMAGED": Wording(
        "Tệp bị hỏng hoặc bị cắt cụt: {detail}.",
        "The file is damaged or cut short: {detail}.",
        _SEND_AGAIN,
    ),
    "X_XML": Wording(
        "Nội dung bên trong tệp bị hỏng: {detail}.",
        "A part inside the file is not well formed: {detail}.",
        _SEND_AGAIN,
    ),
    "X_DTD": Wording(
        "Tệp chứa khai báo XML nguy hiểm (DOCTYPE): {detail}.",
        "The file holds a dangerous XML declaration (DOCTYPE): {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_DUPPART": Wording(
        "Tệp chứa một phần hai lần: {detail}.",
        "The file holds the same part twice: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_PATH": Wording(
        "Tên phần bên trong tệp không hợp lệ: {detail}.",
        "A part inside the file has an illegal name: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_PASSWORD": Wording(
        "Tệp được đặt mật khẩu nên không đọc được.",
        "The file is protected by a password and cannot be read.",
        (
            "Bỏ mật khẩu (Tệp > Thông tin > Bảo vệ sổ làm việc), lưu và gửi lại.",
            "Remove the password (File > Info > Protect Workbook), save and send it.",
        ),
    ),
    "X_XLS": Wording(
        "Đây là sổ Excel kiểu cũ (.xls) không đọc được: {detail}.",
        "This is an old Excel workbook (.xls) that cannot be read: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_NOTXLSX": Wording(
        "Đây không phải sổ Excel hoặc LibreOffice: {detail}.",
        "This is no workbook of Excel or LibreOffice: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_ACTIVE": Wording(
        "Tệp chứa macro, đối tượng nhúng hoặc liên kết ngoài: {detail}.",
        "The file holds a macro, an embedded object or an external link: {detail}.",
        (
            "Xóa macro, đối tượng, liên kết (Dữ liệu > Sửa liên kết > Ngắt),"
            " lưu .xlsx rồi gửi lại.",
            "Remove macros, objects and links (Data > Edit Links > Break), save as"
            " .xlsx and send it again.",
        ),
    ),
    "X_ROWORDER": Wording(
        "Dòng hoặc ô trong tệp bị lặp hay sai thứ tự: {detail}.",
        "Rows or cells in the file are repeated or out of order: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_LIMIT": Wording(
        "Việc đọc tệp vượt giới hạn thời gian hoặc bộ nhớ: {detail}.",
        "Reading the file went over the time or memory limit: {detail}.",
        _FRESH_TEMPLATE,
    ),
    "X_UNREADABLE": Wording(
        "Không đọc được tệp: {detail}.",
        "The file cannot be read: {detail}.",
        _SAVE_AS_XLSX,
    ),
    "X_ENCODING": Wording(
        "Tệp chữ sai bảng mã hoặc không rõ bảng mã: {detail}.",
        "The encoding of the text file is wrong or unclear: {detail}.",
        (
            "Lưu lại dạng CSV UTF-8 rồi gửi lại.",
            "Save it as CSV UTF-8 and send it again.",
        ),
    ),
    "X_CSV": Wording(
        "Tệp CSV sai cấu trúc: {detail}.",
        "The CSV file has a broken structure: {detail}.",
        (
            "Xuất lại tệp với đúng dấu phân cách và đủ số cột ở mọi dòng.",
            "Export it again with the declared delimiter and all columns in each row.",
        ),
    ),
    "X_JSON": Wording(
        "Tệp JSON sai cấu trúc: {detail}.",
        "The JSON document has a broken structure: {detail}.",
        (
            "Xuất lại tệp từ hệ thống; nếu tệp đúng, sửa `records` trong sources.yaml.",
            "Export it again; if it is right, correct `records` in sources.yaml.",
        ),
    ),
    "X_SDMX_DELETE": Wording(
        "Tệp SDMX-CSV yêu cầu xóa số liệu (ACTION = D): {detail}.",
        "The SDMX-CSV message deletes figures (ACTION = D): {detail}.",
        (
            "Gửi lại toàn bộ báo cáo của kỳ, không gửi lệnh xóa.",
            "Send the whole reports of the period instead of what was deleted.",
        ),
    ),
    "X_BUNDLE": Wording(
        "Gói số liệu lấy về không phải toàn JSON hoặc toàn CSV: {detail}.",
        "The pages that were pulled are not all JSON or all CSV: {detail}.",
        (
            "Lấy lại số liệu từ nguồn (nhiemky pull).",
            "Pull from the source again (nhiemky pull).",
        ),
    ),
    "X_LEGACY_FONT": Wording(
        "Chữ trong tệp dùng phông cũ, TCVN3 (.VnTime) hoặc VNI: {detail}.",
        "The text is in a legacy font, TCVN3 (.VnTime) or VNI: {detail}.",
        (
            "Chuyển chữ sang Unicode (Unikey > Công cụ), lưu và gửi lại.",
            "Convert the text to Unicode (Unikey > Toolkit), save and send it again.",
        ),
    ),
    "X_TEMPLATE": Wording(
        "Tệp không đúng biểu mẫu: {detail}.",
        "The file does not follow the template: {detail}.",
        _FRESH_TEMPLATE,
    ),
    "X_HIDDEN": Wording(
        "Trang tính phải đọc đang bị ẩn: {detail}.",
        "The sheet to be read is hidden: {detail}.",
        (
            "Bấm chuột phải vào thẻ trang tính > Bỏ ẩn, kiểm tra, lưu và gửi lại.",
            "Right-click a sheet tab > Unhide, check it, save and send it again.",
        ),
    ),
    "X_NOSHEET": Wording(
        "Không có trang tính phải đọc: {detail}.",
        "The sheet to be read is missing: {detail}.",
        _FRESH_TEMPLATE,
    ),
    "X_PROGRAMME": Wording(
        "Biểu thuộc chương trình khác: {detail}.",
        "The workbook belongs to another programme: {detail}.",
        _FRESH_TEMPLATE,
    ),
    "X_NOMAP": Wording(
        "Không có bảng ánh xạ nào khớp với tệp: {detail}.",
        "No map of the source fits the file: {detail}.",
        (
            "Kiểm tra tên tệp; nếu đúng, thêm ánh xạ vào sources.yaml rồi cho đọc lại"
            " (nhiemky deliveries retry).",
            "Check the file name; if it is right, add a map to sources.yaml and have it"
            " read again (nhiemky deliveries retry).",
        ),
    ),
    "X_COLUMNS": Wording(
        "Cột của bảng không khớp: {detail}.",
        "The columns of the table do not fit: {detail}.",
        (
            "Khôi phục tiêu đề cột theo mẫu, hoặc sửa ánh xạ cột trong sources.yaml.",
            "Restore the column titles, or correct the column map in sources.yaml.",
        ),
    ),
    "X_SOURCE": Wording(
        "Nguồn của tệp không có trong chương trình: {detail}.",
        "The file's source is not in the programme: {detail}.",
        (
            "Khai báo lại nguồn trong sources.yaml, hoặc chọn nguồn khác đọc tệp"
            " (nhiemky deliveries assign --source).",
            "Declare the source in sources.yaml again, or let another one take the file"
            " (nhiemky deliveries assign --source).",
        ),
    ),
    "PERSONAL_DATA": Wording(
        "Tệp chứa dữ liệu cá nhân nên bị từ chối toàn bộ: {detail}.",
        "The file holds personal data and is refused as a whole: {detail}.",
        (
            "Xóa thông tin về từng người, chỉ gửi số liệu tổng hợp.",
            "Remove everything about single persons; send aggregate figures only.",
        ),
    ),
}


class Rejected(Exception):
    """A delivery is refused: why, where, and what to do, in both languages.

    `detail` is a fact about the file's structure, never a value of a person;
    `detail_vi` says it in Vietnamese where it holds more than names and numbers.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        sheet: str = "",
        cell: str = "",
        detail_vi: str = "",
    ):
        wording = WORDINGS[code]
        self.code = code
        self.detail = printable(detail)
        self.detail_vi = printable(detail_vi or detail)
        self.sheet = printable(sheet)
        self.cell = cell
        is_no_table = code == "X_NOTXLSX" and detail in _ENGLISH_NO_TABLES
        self.remedy_vi, self.remedy_en = _TYPE_IN if is_no_table else wording.remedy
        self.message_vi = f"{wording.vi.format(detail=self.detail_vi)} {self.remedy_vi}"
        self.message_en = f"{wording.en.format(detail=self.detail)} {self.remedy_en}"
        super().__init__(f"{code}: {self.message_en}")

    def inside(self, part: str) -> Rejected:
        """The same refusal, about one part of a delivery; no name is all of it."""
        if not part:
            return self
        details = (f"{part}: {detail}" for detail in (self.detail, self.detail_vi))
        detail, detail_vi = details
        return Rejected(self.code, detail, self.sheet, self.cell, detail_vi)


def printable(text: str, longest: int = 400) -> str:
    """One line of visible characters: control and direction marks become spaces."""
    clean = "".join(
        " " if unicodedata.category(character)[0] == "C" else character
        for character in text[: longest + 1]
    )
    return clean if len(clean) <= longest else clean[:longest] + "…"
