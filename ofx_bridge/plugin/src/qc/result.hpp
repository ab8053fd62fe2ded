// The part of a QC result that the scope shows; docs/openfx.md says what is read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace candela::plugin {

enum class Severity { fyi, issue, blocker };

struct Reason {
    std::string kind, sentence;
    Severity severity = Severity::fyi;
    std::optional<std::array<double, 4>> box;  // left, top, right, bottom, as shares of the picture
};

struct QcShot {
    std::int64_t first = 0, last = 0;
    std::string name;
    std::optional<double> score;
    std::vector<Reason> reasons;
};

struct QcResult {
    std::vector<QcShot> shots;

    const QcShot* at(std::int64_t frame) const;
};

// Trouble (Kind::media) for what is no result; unknown members and reasons that cannot be read are passed over.
QcResult parse_qc(std::string_view text);

// Read once and shared, and read again when the file changes.
std::shared_ptr<const QcResult> qc_of(const std::string& path);
void forget_qc();

}  // namespace candela::plugin
