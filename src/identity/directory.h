// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Directory: who is in the circle, with which devices, and how each is reached. Signed by the
// authority, carried end to end encrypted, never readable by the relay.
//
// Pages are numbered; a device takes one only if its number is higher than any it has taken, so
// an old page cannot undo a newer one. A page holds what is new, or all there is (a newcomer's
// first page).

#include <string>
#include <vector>

#include "base/secret.h"
#include "codec/tls.h"
#include "identity/revocation.h"
#include "identity/transparency.h"
#include "protocol/words.h"

namespace cercle::identity {

/// The version in which pages are written. Those of before are read: version 1 says nothing of
/// suites, and 1 and 2 nothing of revocations.
inline constexpr std::uint8_t directory_version = 3;
inline constexpr GroupSuite suite_of_version_1{0x0001};

struct DirectoryMember {
    MemberId member;
    std::string name;
    std::string role;  // as people say it: "minister", "officer"; may be empty

    auto fields(this auto& self) { return std::tie(self.member, self.name, self.role); }
};

struct DirectoryDevice {
    DeviceId device;
    MemberId member;
    Bytes certificate;
    protocol::LogId inbox;
    Secret inbox_secret;  // from it derive the right to deposit and the key of what is deposited
    protocol::Stamp added;

    auto fields(this auto& self) {
        return std::tie(
            self.device, self.member, self.certificate, self.inbox, self.inbox_secret, self.added);
    }
};

using PageNumber = Number<struct PageTag>;

struct DirectoryPage {
    std::uint8_t version = directory_version;
    PageNumber number;
    std::string circle_name;
    /// The circle's policy: of the suite of its conversations. For good, since moving on to another
    /// would be a ReInit of each.
    GroupSuite suite = suite_of_version_1;
    std::vector<DirectoryMember> members;
    std::vector<DirectoryDevice> devices;
    /// All that there are, whatever else the page is about: whoever has missed one learns of it
    /// with the next page. By their numbers.
    std::vector<SignedRevocation> revocations{};
    /// What the transparency log has grown by: everything that the page says is in it.
    TransparencyGrowth growth{};

    void encode_to(codec::Writer& writer) const;
    /// Errors: unsupported, not_canonical (version 2 with the suite of version 1).
    /// Signatures of revocations are not judged here.
    [[nodiscard]] static Result<DirectoryPage> decode_from(codec::Reader& reader);
};

/// Of all that a page says. Errors: malformed (a revocation that is none).
[[nodiscard]] Result<std::vector<TransparencyLeaf>> leaves_of(const DirectoryPage& page);

/// A page with the authority's signature. It holds inbox secrets, hence a Secret.
[[nodiscard]] Secret sign_page(const DirectoryPage& page, const Authority& authority);

/// Errors: malformed, forged (also of a revocation), unsupported, not_canonical (revocations out of
/// order), invalid_text (a name that deceives), and what
/// Root::judge says of a certificate, which must name the device and member it stands beside.
[[nodiscard]] Result<DirectoryPage> open_page(BytesView signed_page,
                                              const Root& root,
                                              WallTime now);

/// What a page is and where the log stood with it, whatever has become of the certificates in it.
struct PageHead {
    PageNumber number;
    TransparencyHead head;
};

/// Errors: malformed, forged, unsupported.
[[nodiscard]] Result<PageHead> head_of_page(BytesView signed_page, const Root& root);

/// Gaps are the reader's affair: he may hold what lacks. Errors: forged, malformed, unsupported,
/// not_canonical (they do not follow each other).
[[nodiscard]] Result<void> check_revocations(const std::vector<SignedRevocation>& revocations,
                                             const Root& root);

/// What derives from a device's inbox secret.
struct InboxKeys {
    Secret deposit_token;
    Secret closing_key;
};

[[nodiscard]] InboxKeys inbox_keys(const Secret& inbox_secret);

}  // namespace cercle::identity
