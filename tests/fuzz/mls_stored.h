// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What Boris has in his vault, in the middle of everything: an epoch behind him from which a letter
// is still to come, a message passed over, proposals of Anna's and of his own that wait; and what
// he is about to hear.

#include <vector>

#include "tests/fuzz/mls_pair.h"

namespace cercle::mls {

/// The two parts of something stored.
struct Stored {
    Bytes open;
    Bytes secret;

    auto fields(this auto& self) { return std::tie(self.open, self.secret); }

    [[nodiscard]] static Stored of(const Saved& saved) {
        return {saved.public_part, to_bytes(saved.secret_part.reveal())};
    }

    [[nodiscard]] bool is(const Saved& saved) const {
        return open == saved.public_part && Secret::copy_of(secret) == saved.secret_part;
    }
};

struct InTheMiddle {
    Pair pair;
    crypto::SigningKey next_key = another_key(pair.suite);
    std::vector<Bytes> to_come;
    Stored boris;
    Stored boris_commit;
    Stored chloe_package = Stored::of(pair.chloe_package.save());
    Bytes welcome;

    InTheMiddle() {
        const Bytes late = anna_says("late");
        must(hear(pair.boris, anna_says("in time")));
        StagedCommit renewed = must(pair.anna.stage_commit({}, {}, pair.random));
        must(hear(pair.boris, renewed.commit));
        must(pair.anna.merge(std::move(renewed)));
        const Bytes passed_over = anna_says("passed over");
        must(hear(pair.boris, anna_says("heard")));
        const NewIdentity renewed_boris{next_key, basic_credential(view_of("b")), pair.judge};
        Intents renewing;
        renewing.leaf.identity = &renewed_boris;
        boris_commit = Stored::of(must(pair.boris.stage_commit(renewing, {}, pair.random)).save());
        must(hear(pair.boris,
                  must(pair.anna.propose_add(pair.verified(pair.chloe_package), {}, pair.random))));
        const Bytes update = must(pair.boris.propose_update({&renewed_boris}, {}, pair.random));
        must(pair.anna.receive(update, pair.around()).has_value());
        boris = Stored::of(pair.boris.save());

        StagedCommit both = must(pair.anna.stage_commit({}, {}, pair.random));
        welcome = both.welcome;
        to_come = {late, passed_over, both.commit};
        must(pair.anna.merge(std::move(both)));
        to_come.push_back(anna_says("in the next epoch"));
        for (const Bytes& message : to_come)
            must(hear(pair.boris, message));
    }

    [[nodiscard]] Group load_boris() const {
        return must(Group::load(boris.open, Secret::copy_of(boris.secret), pair.boris_key));
    }

    /// Whether it was accepted; a commit is applied.
    [[nodiscard]] bool hear(Group& group, BytesView message) const {
        auto received = group.receive(message, pair.around());
        if (!received) return false;
        auto* const epoch = std::get_if<StagedEpoch>(&*received);
        if (epoch != nullptr) must(group.apply(std::move(*epoch)));
        return true;
    }

  private:
    [[nodiscard]] static crypto::SigningKey another_key(const Suite& suite) {
        vectors::SeededRandom chance(7);
        return crypto::SigningKey::generate(suite.signature, chance);
    }

    [[nodiscard]] Bytes anna_says(std::string_view text) {
        return must(pair.anna.protect(view_of(text), {}, 0, pair.random));
    }
};

}  // namespace cercle::mls
