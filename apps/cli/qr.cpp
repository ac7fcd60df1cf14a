// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/qr.h"

#include <memory>

#include <qrencode.h>

namespace cercle::cli {
namespace {

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

constexpr int quiet_zone = 2;

}  // namespace

bool QrModules::is_dark(int row, int column) const {
    if (row < 0 || column < 0 || row >= width || column >= width) return false;
    return dark[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                static_cast<std::size_t>(column)];
}

std::optional<QrModules> qr_modules(const std::string& text) {
    const std::unique_ptr<QRcode, FreeCode> code(
        QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1));
    if (code == nullptr) return std::nullopt;
    QrModules modules{code->width, {}};
    const auto size = static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width);
    modules.dark.reserve(size);
    for (std::size_t at = 0; at < size; ++at)
        modules.dark.push_back((code->data[at] & 1U) != 0);
    return modules;
}

std::string terminal_qr(const std::string& text) {
    const auto code = qr_modules(text);
    if (!code) return "(too long for a QR code)";
    std::string drawn;
    for (int row = -quiet_zone; row < code->width + quiet_zone; row += 2) {
        drawn += "\x1b[30;47m";
        for (int column = -quiet_zone; column < code->width + quiet_zone; ++column) {
            const bool upper = code->is_dark(row, column);
            const bool lower = code->is_dark(row + 1, column);
            drawn += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        drawn += "\x1b[0m\n";
    }
    drawn.pop_back();
    return drawn;
}

}  // namespace cercle::cli
