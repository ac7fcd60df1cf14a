// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What ties a group to the one it follows from (RFC 9420 sections 11.2, 11.3 and 12.4.3.1), for
// who joins it. Private to group_*.cpp.

#include "mls/group_state.h"

namespace cercle::mls {

/// Has it the usage reinit or branch?
[[nodiscard]] bool ties_groups(const PskId& psk);

/// The house's keys, and the one that ties a new group to its predecessor, if there is one.
class PsksOfPredecessor final : public PskSource {
  public:
    PsksOfPredecessor(const Group::State* predecessor, const PskSource* others)
        : predecessor_(predecessor),
          others_(others) {}

    [[nodiscard]] Result<Secret> external_psk(BytesView id) const override;
    [[nodiscard]] Result<Secret> resumption_psk(BytesView group_id, Epoch epoch) const override;

  private:
    const Group::State* predecessor_;
    const PskSource* others_;
};

/// Is `next` what the old group's ReInit asked for, or a branch of it? Errors: succession_psk,
/// succession_epoch, succession_parameters, succession_members, group_not_reinitialised.
[[nodiscard]] Result<void> check_succession(const Group::State& predecessor,
                                            const EpochState& next,
                                            std::span<const PskId> psks,
                                            const CredentialJudge& judge);

}  // namespace cercle::mls
