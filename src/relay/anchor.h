// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Anchor: a place outside of the data directory that remembers how far the unlock shares have come
// when an earlier state of that directory is brought back: a file on another volume; a TPM's
// counter or a second host would be others.

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "relay/share_tables.h"
#include "store/disk.h"

namespace cercle::relay {

class Anchor {
  public:
    Anchor() = default;
    Anchor(const Anchor&) = delete;
    Anchor& operator=(const Anchor&) = delete;
    virtual ~Anchor() = default;

    /// Nothing if it was never written. Errors: those of the place; malformed and the like if
    /// something else lies there.
    [[nodiscard]] virtual Result<std::optional<ShareTally>> read() = 0;
    /// Kept, whatever happens, when it returns well. Errors: those of the place.
    virtual Result<void> write(const ShareTally& tally) = 0;
};

inline constexpr std::uint16_t anchor_version = 1;

/// What an anchor's file holds.
struct AnchorRecord {
    std::array<std::uint8_t, 14> label;  // "Cercle anchor" and a zero byte
    std::uint16_t version = anchor_version;
    ShareTally tally;

    auto fields(this auto& self) { return std::tie(self.label, self.version, self.tally); }

    /// Errors: malformed, unsupported.
    [[nodiscard]] Result<void> check() const;
};

/// In a file of mode 0600, in a directory of mode 0700.
class FileAnchor final : public Anchor {
  public:
    /// `disk` is borrowed.
    FileAnchor(store::Disk& disk, std::filesystem::path path)
        : disk_(disk),
          path_(std::move(path)) {}

    [[nodiscard]] Result<std::optional<ShareTally>> read() override;
    Result<void> write(const ShareTally& tally) override;

  private:
    store::Disk& disk_;
    std::filesystem::path path_;
};

/// The same, on the operating system's disk.
[[nodiscard]] std::unique_ptr<Anchor> system_anchor(std::filesystem::path path);

}  // namespace cercle::relay
