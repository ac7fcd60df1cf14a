// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The secret tree: every sender's message keys, from the epoch's encryption_secret (RFC 9420
// section 9). Expanded only where a message asks for it; a secret that has given its children
// theirs is erased, so what was used cannot be derived again.

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "mls/ratchet.h"
#include "mls/tree_math.h"

namespace cercle::mls {

enum class RatchetKind : std::uint8_t { Handshake, Application };

/// All senders of an epoch together may keep so many keys of messages that did not come; the
/// one who skips more loses his own oldest.
inline constexpr std::size_t most_skipped_keys_of_epoch = 1024;

class SecretTree {
  public:
    SecretTree() = default;
    SecretTree(TreeSize size, Secret encryption_secret);

    /// A key, and what of the tree was expanded on scratch to find it.
    struct Found {
        MessageKey key;
        LeafIndex leaf;
        RatchetKind kind{};
        std::uint32_t generation = 0;

      private:
        friend class SecretTree;
        Ratchet::Found in_ratchet;
        std::optional<std::array<Ratchet, 2>> new_ratchets;
        std::vector<NodeIndex> consumed;
        std::vector<std::pair<NodeIndex, Secret>> opened;
    };

    /// Errors: leaf_not_a_member, and those of Ratchet::look_up().
    [[nodiscard]] Result<Found> look_up(const Suite& suite,
                                        LeafIndex leaf,
                                        RatchetKind kind,
                                        std::uint32_t generation) const;
    /// The next unused key of a leaf, our own. Errors: generation_exhausted.
    [[nodiscard]] Result<Found> look_up_next(const Suite& suite,
                                             LeafIndex leaf,
                                             RatchetKind kind) const;
    /// After a message was opened and verified, or when ours is about to be sent.
    void take(Found&& found);

    void encode_to(codec::Writer& writer) const;
    [[nodiscard]] static Result<SecretTree> decode_from(codec::Reader& reader);

  private:
    // Both ratchets of a leaf begin from its tree secret, which is then gone.
    using LeafRatchets = std::array<Ratchet, 2>;

    [[nodiscard]] Result<LeafRatchets> expand(const Suite& suite,
                                              LeafIndex leaf,
                                              Found& found) const;

    TreeSize size_;
    std::map<NodeIndex, Secret> nodes_;
    std::map<LeafIndex, LeafRatchets> ratchets_;
};

}  // namespace cercle::mls
