// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/relay_word.h"

#include "identity/relay_word.h"

namespace cercle::client::relay_word {

using identity::RelayFingerprint;

Result<Standing> standing(Core& core) {
    TRY(const auto row,
        (core.database.one<std::optional<RelayFingerprint>, std::optional<RelayFingerprint>>(
            "SELECT word_key, invited_key FROM relay_words")));
    if (!row) return Standing::Confirmed;
    const auto& [word, invited] = *row;
    const RelayFingerprint known = word.value_or(invited.value_or(core.self.relay_key));
    return known == core.self.relay_key ? Standing::Confirmed : Standing::Unconfirmed;
}

Result<void> take(Core& core, store::Transaction& transaction, BytesView signed_word) {
    TRY(const auto word, identity::open_relay_word(signed_word, core.self.root));
    return transaction.run(
        "INSERT INTO relay_words (one, word_key, since, word) VALUES (1, ?1, ?2, ?3)"
        " ON CONFLICT (one) DO UPDATE SET word_key = ?1, since = ?2, word = ?3 WHERE since < ?2",
        word.key,
        word.since,
        signed_word);
}

Result<std::optional<Bytes>> last(store::Database& database) {
    TRY(auto row, database.one<std::optional<Bytes>>("SELECT word FROM relay_words"));
    if (!row) return std::optional<Bytes>();
    return std::get<0>(*std::move(row));
}

Result<void> note_followed(store::Transaction& transaction, const RelayFingerprint& before) {
    return transaction.run("INSERT OR IGNORE INTO relay_words (one, invited_key) VALUES (1, ?1)",
                           before);
}

}  // namespace cercle::client::relay_word
