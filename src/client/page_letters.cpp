// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/page_letters.h"

#include "client/pages.h"
#include "client/posting.h"
#include "client/receive.h"
#include "client/rotation.h"

namespace cercle::client {

Result<void> write_page_letter(Core& core,
                               store::Transaction& transaction,
                               protocol::LogId inbox,
                               const Secret& inbox_secret,
                               const Secret& signed_page) {
    const auto keys = identity::inbox_keys(inbox_secret);
    return transaction.run(
        "INSERT INTO deposits (inbox, token, entry, payload, kind) VALUES (?1, ?2, ?3, ?4, ?5)",
        inbox,
        keys.deposit_token,
        protocol::EntryId::random(core.world.random),
        envelope::close_word(
            keys.closing_key, envelope::Word::Page, signed_page.reveal(), core.world.random),
        LetterKind::Page);
}

Result<void> take_page_letter(Core& core,
                              store::Transaction& transaction,
                              const protocol::Entry& entry) {
    TRY(const Bytes says, rotation::with_any_key(core, [&entry](const Secret& key) {
            return envelope::open_word(key, envelope::Word::Page, entry.payload);
        }));
    const auto page = identity::open_page(says, core.self.root, time_of(entry));
    if (!page) {
        // It was a page, whatever is wrong with it, and nothing else is to be looked for in it.
        const bool forged = page.error().code == Code::forged;
        if (forged)
            return fail(Code::certificate_untrusted, "a page that the officer never signed");
        return std::unexpected(page.error());
    }
    if (page->reader != core.self.device) {
        return fail(Code::policy_violated, "a page by letter that is for another device");
    }
    return enter_page(core, transaction, *page, says, time_of(entry));
}

}  // namespace cercle::client
