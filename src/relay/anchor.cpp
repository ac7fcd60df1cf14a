// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/anchor.h"

#include <algorithm>
#include <string_view>

#include "codec/tls.h"

namespace cercle::relay {
namespace {

constexpr std::size_t longest_file = 256;

std::array<std::uint8_t, 14> anchor_label() {
    constexpr std::string_view text = "Cercle anchor";
    std::array<std::uint8_t, 14> label{};
    std::ranges::copy(text, label.begin());
    return label;
}

}  // namespace

Result<void> AnchorRecord::check() const {
    if (label != anchor_label()) return fail(Code::malformed, "a file that is no anchor");
    if (version != anchor_version) return fail(Code::unsupported, "an anchor of another version");
    return {};
}

Result<std::optional<ShareTally>> FileAnchor::read() {
    auto found = disk_.read(path_, longest_file);
    if (!found.has_value() && found.error().code == Code::not_found) {
        return std::optional<ShareTally>{};
    }
    TRY(const Secret content, std::move(found));
    TRY(const auto record, codec::decode<AnchorRecord>(content.reveal()));
    return std::optional(record.tally);
}

Result<void> FileAnchor::write(const ShareTally& tally) {
    return disk_.write(path_, codec::encode(AnchorRecord{anchor_label(), anchor_version, tally}));
}

std::unique_ptr<Anchor> system_anchor(std::filesystem::path path) {
    static store::SystemDisk disk;
    return std::make_unique<FileAnchor>(disk, std::move(path));
}

}  // namespace cercle::relay
