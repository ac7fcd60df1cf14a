// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/guest_binding.h"

#include <utility>

namespace cercle::client::guest_binding {
namespace {

using Kind = envelope::LetterWords::Kind;

}  // namespace

Result<void> check(const GuestFile& guest, const envelope::LetterWords& words) {
    if (words.kind == Kind::Text) return {};
    const bool answered = words.kind == Kind::AnsweredBinding;
    if (answered != guest.names.has_value()) {
        return fail(Code::forged, "a binding by another than the card's face says");
    }
    if (!answered) return {};
    TRY(auto names, envelope::names_in(words.text));
    const auto hash = identity::hash_of_names(
        {std::move(names.answerer), std::move(names.owner), {words.id.bytes}});
    if (hash == *guest.names) return {};
    return fail(Code::forged, "a binding with names that the card's owner has not signed");
}

Result<void> take(store::Transaction& transaction, const envelope::LetterWords& words) {
    envelope::NamesInLetter names{words.text, {}};
    if (words.kind == Kind::AnsweredBinding) {
        TRY(names, envelope::names_in(words.text));
    }
    return transaction.run(
        "UPDATE guest SET stage = ?1, owner = ?2, answered_for = ?3 WHERE stage < ?1",
        GuestStage::Bound,
        names.answerer,
        names.owner);
}

}  // namespace cercle::client::guest_binding
