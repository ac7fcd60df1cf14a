// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answering_word.h"

#include "base/utf8.h"
#include "client/card_hours.h"
#include "client/cards.h"

namespace cercle::client {
namespace {

Result<void> judge(const Ask& ask) {
    if (ask.tier < protocol::Tier::Ring || ask.tier > protocol::Tier::Never) {
        return fail(Code::malformed, "a card to be answered, of an unknown tier");
    }
    return cards::check_plan({ask.label, ask.tier, ask.hours, ask.budget});
}

Result<void> judge(const Made& made) {
    if (made.secret.size() == identity::card_secret_size) return {};
    return fail(Code::malformed, "an answered card with a secret of another size");
}

Result<void> judge(const Attested& attested) {
    if (is_name(attested.answerer) && is_name(attested.owner)) return {};
    return fail(Code::invalid_text, "names that may not stand as such");
}

Result<void> judge(const StandingTold& told) {
    if (told.standing > Standing::Asked && told.standing <= Standing::Declined) return {};
    return fail(Code::malformed, "an answered card that stands nowhere");
}

Result<void> judge(const EndOfAsking& /*end*/) {
    return {};
}

}  // namespace

Result<void> AnsweringWord::check() const {
    if (version != answering_word_version) {
        return fail(Code::unsupported, "a word on an answered card, of another version");
    }
    return std::visit([](const auto& word) { return judge(word); }, says);
}

}  // namespace cercle::client
