// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A group as who is outside sees it (RFC 9420 sections 12.4.3 and 12.4.3.2), and what may be done
// from there: enter it by a commit of one's own (Group::join_externally), or propose something to
// it (outside.h).
//
// On the trip: a member gives a GroupInfo out (Group::group_info); a VerifiedGroupInfo is one whose
// tree and signature were judged. It is of one epoch, and of use in no other.

#include <memory>
#include <optional>
#include <vector>

#include "mls/epoch_change.h"

namespace cercle::mls {

struct CheckedGroupInfo;

class VerifiedGroupInfo {
  public:
    /// From an MLSMessage, by all the checks that a Welcome's GroupInfo gets, but the confirmation
    /// tag's, whose key only members have. `ratchet_tree` is the tree where the GroupInfo does not
    /// contain it. Errors: a code per rule.
    [[nodiscard]] static Result<VerifiedGroupInfo> from_message(
        BytesView mls_message,
        const Surroundings& surroundings,
        std::optional<BytesView> ratchet_tree = std::nullopt);

    VerifiedGroupInfo(VerifiedGroupInfo&&) noexcept;
    VerifiedGroupInfo& operator=(VerifiedGroupInfo&&) noexcept;
    ~VerifiedGroupInfo();

    [[nodiscard]] const Suite& suite() const;
    [[nodiscard]] const Bytes& group_id() const;
    [[nodiscard]] Epoch epoch() const;
    [[nodiscard]] Roster roster() const;
    [[nodiscard]] const Extensions& context_extensions() const;
    /// Those beside the context, the unknown ones among them, as they came.
    [[nodiscard]] const Extensions& extensions() const;

    /// Private to this folder.
    [[nodiscard]] const CheckedGroupInfo& checked() const { return *checked_; }

  private:
    explicit VerifiedGroupInfo(std::unique_ptr<const CheckedGroupInfo> checked);

    std::unique_ptr<const CheckedGroupInfo> checked_;
};

/// What an external commit does beside letting us in.
struct ExternalIntents {
    /// An earlier leaf of our own, which goes: "resync" (section 12.4.3.2).
    std::optional<LeafIndex> replaces;
    /// As in Intents.
    std::vector<PskId> psks = {};
    const PskSource* psk_source = nullptr;
    Bytes authenticated_data = {};
};

}  // namespace cercle::mls
