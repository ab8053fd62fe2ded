"""Reports of a QC pass, all made of one result: JSON, CSV, HTML, JUnit XML, and markers as OTIO and as
Resolve's EDL.
"""

from candela_server.reports.report import REPORT_FILES, write_reports

__all__ = ["REPORT_FILES", "write_reports"]
