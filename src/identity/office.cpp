// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/office.h"

#include "codec/tls.h"
#include "crypto/sign.h"
#include "identity/labelled.h"

namespace cercle::identity {
namespace {

constexpr std::string_view office_label = "Cercle 1 office";
constexpr std::string_view account_label = "Cercle 1 account";
constexpr std::size_t inbox_secret_size = 32;
/// The last moment of the year 9999: what a person can be shown.
constexpr std::uint64_t latest_time = 253402300799999;

Result<void> check_word(const OfficeWord& word, const Root& root) {
    const bool how_fits = word.how == Succession::Restored || word.how == Succession::HandedOver;
    const bool asks_fit = word.asks == Asks::Nothing || word.asks == Asks::WhatIsKnown;
    if (word.number.value == 0 || word.time.value > latest_time || !how_fits || !asks_fit ||
        word.inbox_secret.size() != inbox_secret_size) {
        return fail(Code::malformed, "a word on the office with a value that none has");
    }
    TRY(const Passport passport, root.recognise(word.certificate));
    if (passport.role != Role::Officer) {
        return fail(Code::certificate_untrusted, "an office on a machine that is no officer's");
    }
    if (passport.member != word.member || passport.device != word.device) {
        return fail(Code::certificate_invalid, "a certificate stands beside another device");
    }
    return {};
}

}  // namespace

Secret sign_office(const OfficeWord& word, const Authority& authority) {
    SignedOffice made;
    made.word = codec::encode_secret(word);
    made.signature = authority.sign(office_label, made.word.reveal());
    return codec::encode_secret(made);
}

Result<OfficeWord> open_office(BytesView signed_office, const Root& root) {
    TRY(const auto both, codec::decode<SignedOffice>(signed_office));
    TRY_VOID(root.verify(office_label, both.word.reveal(), both.signature));
    TRY(auto word, codec::decode<OfficeWord>(both.word.reveal()));
    if (word.version != office_version) {
        return fail(Code::unsupported, "a word on the office of another version");
    }
    TRY_VOID(check_word(word, root));
    return word;
}

Secret sign_account(const Account& account, const crypto::SigningKey& signature_key) {
    SignedAccount made;
    made.account = codec::encode_secret(account);
    made.signature = signature_key.sign(labelled(account_label, made.account.reveal()));
    return codec::encode_secret(made);
}

Result<OpenedAccount> open_account(BytesView signed_account, const Root& root) {
    TRY(const auto both, codec::decode<SignedAccount>(signed_account));
    TRY(auto account, codec::decode<Account>(both.account.reveal()));
    if (account.version != office_version) {
        return fail(Code::unsupported, "an account of another version");
    }
    TRY(const Passport author, root.recognise(account.certificate));
    TRY_VOID(crypto::verify(crypto::SignatureAlgorithm::Ed25519,
                            author.signature_key,
                            labelled(account_label, both.account.reveal()),
                            both.signature));
    if (account.inbox_secret.size() != inbox_secret_size) {
        return fail(Code::malformed, "an inbox secret of the wrong size");
    }
    TRY_VOID(check_revocations(account.revocations, root));
    TRY(const PageHead page, head_of_page(account.page.reveal(), root));
    return OpenedAccount{std::move(account), author, page.number, page.head};
}

}  // namespace cercle::identity
