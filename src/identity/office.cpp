// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/office.h"

#include <algorithm>
#include <utility>

#include "codec/tls.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "identity/enrolment_steps.h"
#include "identity/labelled.h"

namespace cercle::identity {
namespace {

constexpr crypto::HpkeSuite suite{
    crypto::KemAlgorithm::XWing, crypto::HashAlgorithm::Sha384, crypto::AeadAlgorithm::Aes256Gcm};
constexpr std::string_view office_label = "Cercle 1 office";
constexpr std::string_view account_label = "Cercle 1 account";
constexpr std::string_view answer_label = "Cercle 1 answer to an office";
constexpr std::size_t inbox_secret_size = 32;
/// The last moment of the year 9999: what a person can be shown.
constexpr std::uint64_t latest_time = 253402300799999;
/// With what stands around it, a part is one letter.
constexpr std::size_t part_size = std::size_t{160} << 10U;

Result<void> check_word(const OfficeWord& word, const Root& root) {
    const bool how_fits = word.how == Succession::Restored || word.how == Succession::HandedOver;
    const bool asks_fit = word.asks == Asks::Nothing || word.asks == Asks::WhatIsKnown;
    if (word.number.value == 0 || word.time.value > latest_time || !how_fits || !asks_fit ||
        word.inbox_secret.size() != inbox_secret_size ||
        word.answer_key.size() != crypto::kem_public_key_size(suite.kem)) {
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

/// About as long as it is encoded: that is done in locked memory, of which there is little.
std::size_t length_of(const Account& account) {
    constexpr std::size_t leaf_size = 64;
    std::size_t size = account.leaves.size() * leaf_size;
    for (const Bytes& page : account.pages)
        size += page.size();
    for (const SignedRevocation& one : account.revocations)
        size += one.revocation.size() + root_signature_size;
    return size;
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

Result<std::vector<Bytes>> sign_account(const Account& account,
                                        BytesView certificate,
                                        const crypto::SigningKey& signature_key,
                                        BytesView answer_key,
                                        Random& random) {
    if (length_of(account) > most_account_parts * part_size) {
        return fail(Code::too_large, "more is to be told than an office takes of one device");
    }
    TRY(auto closed,
        crypto::hpke_encrypt(suite,
                             answer_key,
                             view_of(answer_label),
                             account.device.view(),
                             codec::encode_secret(account).reveal(),
                             random));
    const Bytes whole = codec::encode(Hybrid{closed.encapsulation, closed.ciphertext});
    const std::size_t parts = (whole.size() + part_size - 1) / part_size;
    if (parts > most_account_parts) {
        return fail(Code::too_large, "more is to be told than an office takes of one device");
    }
    std::vector<Bytes> letters;
    for (std::size_t place = 0; place < parts; ++place) {
        const BytesView rest = BytesView(whole).subspan(place * part_size);
        AccountPart part;
        part.office = account.office;
        part.certificate = to_bytes(certificate);
        part.place = static_cast<std::uint16_t>(place);
        part.parts = static_cast<std::uint16_t>(parts);
        part.whole = crypto::sha256(whole);
        part.bytes = to_bytes(rest.first(std::min(rest.size(), part_size)));
        SignedAccountPart made;
        made.part = codec::encode(part);
        made.signature = signature_key.sign(labelled(account_label, made.part));
        letters.push_back(codec::encode(made));
    }
    return letters;
}

Result<OpenedPart> open_account_part(BytesView signed_part, const Root& root) {
    TRY(const auto both, codec::decode<SignedAccountPart>(signed_part));
    TRY(auto part, codec::decode<AccountPart>(both.part));
    if (part.version != office_version) {
        return fail(Code::unsupported, "an account of another version");
    }
    TRY(auto author, root.recognise(part.certificate));
    TRY_VOID(crypto::verify(crypto::SignatureAlgorithm::Ed25519,
                            author.signature_key,
                            labelled(account_label, both.part),
                            both.signature));
    if (part.parts > most_account_parts || part.place >= part.parts ||
        part.bytes.size() > part_size) {
        return fail(Code::malformed, "a part that no account has");
    }
    return OpenedPart{std::move(part), std::move(author)};
}

crypto::KemKey make_answer_key(Random& random) {
    return crypto::KemKey::generate(suite.kem, random);
}

Result<crypto::KemKey> load_answer_key(const Secret& secret) {
    return crypto::KemKey::from_secret(suite.kem, secret.reveal());
}

Result<OpenedAccount> open_account(BytesView parts,
                                   const crypto::KemKey& answer_key,
                                   DeviceId author,
                                   const Root& root,
                                   WallTime now) {
    TRY(const auto closed, codec::decode<Hybrid>(parts));
    TRY(const Secret plain,
        crypto::hpke_decrypt(suite,
                             answer_key,
                             view_of(answer_label),
                             author.view(),
                             closed.encapsulation,
                             closed.ciphertext));
    OpenedAccount opened;
    TRY(opened.account, codec::decode<Account>(plain.reveal()));
    const Account& account = opened.account;
    if (account.version != office_version) {
        return fail(Code::unsupported, "an account of another version");
    }
    if (account.device != author) {
        return fail(Code::misdeclared, "an account of another device than has signed it");
    }
    if (account.inbox_secret.size() != inbox_secret_size) {
        return fail(Code::malformed, "an inbox secret of the wrong size");
    }
    TRY_VOID(check_revocations(account.revocations, root));
    for (const Bytes& signed_page : account.pages) {
        TRY(DirectoryPage page, open_page(signed_page, root, now));
        if (!opened.pages.empty() && page.number <= opened.pages.back().number) {
            return fail(Code::not_canonical, "pages that are not in their order");
        }
        if (page.growth.head.size >= opened.head.size) opened.head = page.growth.head;
        opened.pages.push_back(std::move(page));
    }
    if (opened.pages.empty() && !account.leaves.empty()) {
        return fail(Code::malformed, "leaves without a page that proves them");
    }
    return opened;
}

}  // namespace cercle::identity
