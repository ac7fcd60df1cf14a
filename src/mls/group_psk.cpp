// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Where the values of pre-shared keys come from (RFC 9420 sections 8.4 and 8.6).
#include <algorithm>

#include "mls/group_state.h"

namespace cercle::mls {

PskId with_fresh_nonce(const Suite& suite, PskId id, Random& random) {
    id.nonce.resize(suite.digest_size());
    random.fill(id.nonce);
    return id;
}

const Secret* Group::State::resumption_psk(Epoch epoch) const {
    if (epoch == current.context->epoch) return &current.secrets.resumption;
    const auto found = std::ranges::find(past, epoch, &PastEpoch::epoch);
    return found == past.end() ? nullptr : &found->resumption;
}

Result<Secret> Group::resumption_psk(Epoch epoch) const {
    const Secret* const found = state_->resumption_psk(epoch);
    if (found == nullptr) {
        return fail(Code::psk_unknown, "the resumption key of an epoch that is not kept");
    }
    return found->copy();
}

namespace {

Result<Secret> find_psk(const PskId& id, const Group::State* state, const PskSource* source) {
    // A key of another group may have our own group's id when that is what it is followed by; the
    // usages reinit and branch always mean the other one.
    if (id.type == PskType::Resumption && id.usage == ResumptionUsage::Application &&
        state != nullptr && id.group_id == state->current.context->group_id) {
        const Secret* const own = state->resumption_psk(id.epoch);
        if (own != nullptr) return own->copy();
    }
    // "If a PreSharedKeyID is part of the GroupSecrets and the client is not in possession of the
    // corresponding PSK, return an error" (section 12.4.3.1); the same holds for commits.
    if (source == nullptr) return fail(Code::psk_unknown, "a pre-shared key, and nowhere to look");
    if (id.type == PskType::External) return source->external_psk(id.external_id);
    return source->resumption_psk(id.group_id, id.epoch);
}

}  // namespace

Result<std::vector<Psk>> find_psks(std::span<const PskId> ids,
                                   const Group::State* state,
                                   const PskSource* source) {
    std::vector<Psk> psks;
    for (const PskId& id : ids) {
        TRY(Secret value, find_psk(id, state, source));
        psks.push_back({id, std::move(value)});
    }
    return psks;
}

}  // namespace cercle::mls
