// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/certificate.h"

#include <algorithm>
#include <ctime>
#include <optional>
#include <utility>

#include <openssl/x509v3.h>

#include "base/utf8.h"
#include "crypto/der.h"
#include "crypto/openssl.h"

namespace cercle::crypto {
namespace {

using der::element;
using der::Kind;

constexpr std::size_t largest = 8192;
constexpr std::size_t most_uris = 8;
constexpr std::size_t longest_uri = 512;
constexpr std::size_t longest_common_name = 64;  // ub-common-name
constexpr std::size_t serial_size = 16;
constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;
constexpr std::size_t second_key_size = 1952;

// Written out, since nothing in them varies.
constexpr std::uint8_t algorithm_ed25519[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
constexpr std::uint8_t algorithm_ml_dsa_65[] = {
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12};
constexpr std::uint8_t oid_common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
constexpr std::uint8_t oid_key_usage[] = {0x06, 0x03, 0x55, 0x1d, 0x0f};
constexpr std::uint8_t oid_alternative_name[] = {0x06, 0x03, 0x55, 0x1d, 0x11};
constexpr std::uint8_t oid_basic_constraints[] = {0x06, 0x03, 0x55, 0x1d, 0x13};
constexpr std::uint8_t oid_second_key[] = {0x06, 0x03, 0x55, 0x1d, 0x48};
constexpr std::uint8_t version_3[] = {0x02, 0x01, 0x02};
constexpr std::uint8_t yes[] = {0x01, 0x01, 0xff};
constexpr std::uint8_t path_length_0[] = {0x02, 0x01, 0x00};
// A relay's root is what it shows at its door, too: "If present, the digitalSignature bit MUST be
// set" (RFC 8446 section 4.4.2.2).
constexpr std::uint8_t usage_sign_and_certify[] = {0x03, 0x02, 0x02, 0x84};
constexpr std::uint8_t usage_sign[] = {0x03, 0x02, 0x07, 0x80};
constexpr std::uint8_t no_unused_bits[] = {0x00};

/// All that varies in a certificate of the profile.
struct Facts {
    Bytes serial;
    std::string issuer;                  // the root's common name
    std::optional<std::string> subject;  // a root's own; a leaf is named by its URIs alone
    std::chrono::sys_seconds from;
    std::chrono::sys_seconds until;
    Bytes public_key;
    std::vector<std::string> uris;
    Bytes second_key{};  // a root's; empty if it has none

    [[nodiscard]] bool authority() const { return subject.has_value(); }
};

Bytes name(const std::string& common_name) {
    const Bytes value = element(Kind::Utf8String, {view_of(common_name)});
    const Bytes attribute = element(Kind::Sequence, {oid_common_name, value});
    return element(Kind::Sequence, {element(Kind::Set, {attribute})});
}

/// Each of ours is critical: who does not understand it must not believe the certificate.
Bytes extension(BytesView oid, BytesView value) {
    return element(Kind::Sequence, {oid, yes, element(Kind::OctetString, {value})});
}

Bytes extensions(const Facts& facts) {
    Bytes all;
    if (facts.authority()) {
        append(all,
               extension(oid_basic_constraints, element(Kind::Sequence, {yes, path_length_0})));
        append(all, extension(oid_key_usage, usage_sign_and_certify));
        if (!facts.second_key.empty()) {
            append(
                all,
                extension(oid_second_key,
                          element(Kind::Sequence,
                                  {algorithm_ml_dsa_65,
                                   element(Kind::BitString, {no_unused_bits, facts.second_key})})));
        }
    } else {
        append(all, extension(oid_basic_constraints, element(Kind::Sequence, {})));
        append(all, extension(oid_key_usage, usage_sign));
        Bytes names;
        for (const std::string& uri : facts.uris) {
            append(names, element(Kind::Uri, {view_of(uri)}));
        }
        append(all, extension(oid_alternative_name, element(Kind::Sequence, {names})));
    }
    return element(Kind::Extensions, {element(Kind::Sequence, {all})});
}

/// The TBSCertificate of RFC 5280 section 4.1.
Bytes to_be_signed(const Facts& facts) {
    const Bytes validity = element(Kind::Sequence, {der::time(facts.from), der::time(facts.until)});
    const Bytes key =
        element(Kind::Sequence,
                {algorithm_ed25519, element(Kind::BitString, {no_unused_bits, facts.public_key})});
    return element(Kind::Sequence,
                   {element(Kind::Version, {version_3}),
                    element(Kind::Integer, {facts.serial}),
                    algorithm_ed25519,
                    name(facts.issuer),
                    validity,
                    facts.subject ? name(*facts.subject) : element(Kind::Sequence, {}),
                    key,
                    extensions(facts)});
}

Bytes certificate(BytesView signed_part, BytesView signature) {
    return element(
        Kind::Sequence,
        {signed_part, algorithm_ed25519, element(Kind::BitString, {no_unused_bits, signature})});
}

bool is_common_name(const std::string& text) {
    return text.size() <= longest_common_name && is_name(text);
}

/// Printable ASCII without the blank, and a scheme: enough that no two readers see two names.
bool is_uri(std::string_view text) {
    return text.size() <= longest_uri && text.contains(':') &&
           std::ranges::all_of(text, [](char each) { return each > ' ' && each < '\x7f'; });
}

bool are_uris(const std::vector<std::string>& uris) {
    return !uris.empty() && uris.size() <= most_uris && std::ranges::all_of(uris, is_uri);
}

std::unexpected<Error> invalid(Reason reason) {
    return fail(Code::certificate_invalid, reason);
}

// The readers below take what OpenSSL parsed. They may be generous: whatever they overlook makes
// the bytes differ from those that to_be_signed() writes from the same facts.

Result<std::string> read_common_name(const X509_NAME* name) {
    if (X509_NAME_entry_count(name) != 1) return invalid("a name of other than one part");
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, 0);
    const ASN1_STRING* const data = X509_NAME_ENTRY_get_data(entry);
    std::string text =
        to_text({ASN1_STRING_get0_data(data), static_cast<std::size_t>(ASN1_STRING_length(data))});
    if (!is_common_name(text)) return invalid("a common name that may not stand there");
    return text;
}

Result<std::chrono::sys_seconds> read_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return invalid("a time that is none");
    // POSIX: UTC whatever the time zone is, and no clock is asked.
    return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

Result<Bytes> read_serial(const ASN1_INTEGER* serial) {
    Bytes bytes = to_bytes(
        {ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
    if (bytes.size() != serial_size || bytes.front() == 0 || bytes.front() > 0x7f) {
        return invalid("a serial number of other than 16 bytes");
    }
    return bytes;
}

Result<Bytes> read_key(X509* x509) {
    const ASN1_BIT_STRING* const bits = X509_get0_pubkey_bitstr(x509);
    if (bits == nullptr || ASN1_STRING_length(bits) != key_size) {
        return invalid("a key that is not Ed25519");
    }
    Bytes key = to_bytes({ASN1_STRING_get0_data(bits), key_size});
    if (!VerifyingKey::from(SignatureAlgorithm::Ed25519, key)) return invalid("a key that is none");
    return key;
}

/// The end of a root's third extension, whatever stands before it there. Any bytes of that size are
/// a key (FIPS 204 section 7.2).
Result<Bytes> read_second_key(const X509* x509) {
    constexpr int place = 2;
    if (X509_get_ext_count(x509) <= place) return Bytes();
    const ASN1_OCTET_STRING* const data = X509_EXTENSION_get_data(X509_get_ext(x509, place));
    const BytesView value(ASN1_STRING_get0_data(data),
                          static_cast<std::size_t>(ASN1_STRING_length(data)));
    if (value.size() < second_key_size) return invalid("an extension outside the profile");
    return to_bytes(value.last(second_key_size));
}

Result<std::vector<std::string>> read_uris(const X509* x509) {
    using Names = std::unique_ptr<GENERAL_NAMES, FreeBy<GENERAL_NAMES_free>>;
    const Names names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
    if (!names) return invalid("no alternative names");
    std::vector<std::string> uris;
    for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
        int kind = 0;
        const void* const value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), at), &kind);
        if (kind != GEN_URI) return invalid("an alternative name that is no URI");
        const auto* const text = static_cast<const ASN1_STRING*>(value);
        uris.push_back(to_text(
            {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))}));
    }
    if (!are_uris(uris)) return invalid("URIs outside the profile");
    return uris;
}

Result<Facts> read_facts(BytesView bytes) {
    if (bytes.size() > largest) return invalid("a certificate over 8 KiB");
    const ErrorMark mark;
    const std::uint8_t* at = bytes.data();
    const X509Handle x509(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    if (!x509) return invalid("not a certificate");
    Facts facts;
    TRY(facts.serial, read_serial(X509_get0_serialNumber(x509.get())));
    TRY(facts.issuer, read_common_name(X509_get_issuer_name(x509.get())));
    TRY(facts.from, read_time(X509_get0_notBefore(x509.get())));
    TRY(facts.until, read_time(X509_get0_notAfter(x509.get())));
    TRY(facts.public_key, read_key(x509.get()));
    // Only a leaf has no name of its own.
    const X509_NAME* const subject = X509_get_subject_name(x509.get());
    if (X509_NAME_entry_count(subject) > 0) {
        TRY(facts.subject, read_common_name(subject));
        if (facts.subject != facts.issuer) return invalid("an authority below another");
        TRY(facts.second_key, read_second_key(x509.get()));
    } else {
        TRY(facts.uris, read_uris(x509.get()));
    }
    if (facts.from > facts.until) return invalid("a validity that ends before it starts");
    // The profile leaves no choice in how these facts are written. So extensions that we do not
    // know, other algorithms, sloppy encodings and trailing bytes all end here.
    const Bytes signed_part = to_be_signed(facts);
    if (signed_part.size() >= bytes.size()) return invalid("a certificate outside the profile");
    const Bytes again = certificate(signed_part, bytes.last(signature_size));
    if (!std::ranges::equal(again, bytes)) return invalid("a certificate outside the profile");
    return facts;
}

Result<Bytes> sign_facts(Facts facts, const SigningKey& key, Random& random) {
    CHECK(key.algorithm() == SignatureAlgorithm::Ed25519, "a circle's root is an Ed25519 key");
    if (facts.from > facts.until) {
        return fail(Code::invalid_argument, "a validity that ends before it starts");
    }
    constexpr auto first = std::chrono::sys_days{std::chrono::year{1970} / 1 / 1};
    constexpr auto last = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};
    if (facts.from < first || facts.until > last) {
        return fail(Code::invalid_argument, "a validity outside what X.509 can say");
    }
    facts.serial.resize(serial_size);
    random.fill(facts.serial);
    // Positive, and of 16 bytes whatever was drawn.
    facts.serial.front() = static_cast<std::uint8_t>((facts.serial.front() & 0x3fU) | 0x40U);
    const Bytes signed_part = to_be_signed(facts);
    Bytes der = certificate(signed_part, key.sign(signed_part));
    CHECK(der.size() <= largest, "the bounds on URIs keep a certificate below 8 KiB");
    return der;
}

/// Of a certificate whose facts these are: read_facts() saw that they say all of it but the
/// signature, which stands at its end.
Result<void> check_signature(BytesView der, const Facts& facts, BytesView issuer_key) {
    const Result<void> verified = verify(
        SignatureAlgorithm::Ed25519, issuer_key, to_be_signed(facts), der.last(signature_size));
    if (!verified) return fail(Code::certificate_untrusted, "not signed by the circle's root");
    return {};
}

std::chrono::sys_seconds to_seconds(WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

Result<Certificate> Certificate::parse(BytesView der) {
    TRY(Facts facts, read_facts(der));
    const bool authority = facts.authority();
    return Certificate{.der = to_bytes(der),
                       .public_key = std::move(facts.public_key),
                       .uris = std::move(facts.uris),
                       .validity = {.from = facts.from, .until = facts.until},
                       .authority = authority,
                       .second_key = std::move(facts.second_key)};
}

Result<void> Certificate::verify_under(const Certificate& root, WallTime at) const {
    TRY(const Facts own, read_facts(der));
    TRY(const Facts above, read_facts(root.der));
    if (!above.authority() || own.issuer != above.issuer) {
        return fail(Code::certificate_untrusted, "not issued by the circle's root");
    }
    if (own.authority() && der != root.der) {
        return fail(Code::certificate_untrusted, "another authority of the same name");
    }
    // The root's own signature, too: it is what holds the root's dates and name together.
    TRY_VOID(check_signature(root.der, above, above.public_key));
    TRY_VOID(check_signature(der, own, above.public_key));
    // RFC 5280 section 4.1.2.5: both ends are inclusive.
    const auto now = to_seconds(at);
    if (now < std::max(own.from, above.from) || now > std::min(own.until, above.until)) {
        return fail(Code::certificate_expired, "a certificate outside its validity");
    }
    return {};
}

Result<Bytes> make_root_certificate(const SigningKey& key,
                                    const std::string& common_name,
                                    Validity validity,
                                    Random& random,
                                    BytesView second_key) {
    CHECK(second_key.empty() || second_key.size() == second_key_size,
          "a second key that is not of ML-DSA-65");
    if (!is_common_name(common_name)) {
        return fail(Code::invalid_text, "a common name that may not stand in a certificate");
    }
    return sign_facts({.serial = {},
                       .issuer = common_name,
                       .subject = common_name,
                       .from = to_seconds(validity.from),
                       .until = to_seconds(validity.until),
                       .public_key = key.public_key(),
                       .uris = {},
                       .second_key = to_bytes(second_key)},
                      key,
                      random);
}

Result<Bytes> issue_certificate(const SigningKey& root_key,
                                const Certificate& root,
                                BytesView public_key,
                                const std::vector<std::string>& uris,
                                Validity validity,
                                Random& random) {
    TRY(const Facts above, read_facts(root.der));
    if (!above.authority() || above.public_key != root_key.public_key()) {
        return fail(Code::invalid_key, "the key is not that of the root");
    }
    TRY_VOID(VerifyingKey::from(SignatureAlgorithm::Ed25519, public_key));
    if (!are_uris(uris)) return fail(Code::invalid_argument, "URIs outside the profile");
    return sign_facts({.serial = {},
                       .issuer = above.issuer,
                       .subject = std::nullopt,
                       .from = to_seconds(validity.from),
                       .until = to_seconds(validity.until),
                       .public_key = to_bytes(public_key),
                       .uris = uris},
                      root_key,
                      random);
}

}  // namespace cercle::crypto
