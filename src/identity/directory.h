// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Directory: who is in the circle, with which devices, and how each is reached. Signed by the
// authority, carried end to end encrypted, never readable by the relay.
//
// Pages are numbered; a device takes one only if its number is higher than any it has taken, so
// an old page cannot undo a newer one. A page holds what is new, or all there is (a newcomer's
// first page).

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "codec/tls.h"
#include "identity/circle_policy.h"
#include "identity/inbox_turn.h"
#include "identity/picture.h"
#include "identity/revocation.h"
#include "identity/sight.h"
#include "identity/transparency.h"
#include "protocol/words.h"

namespace cercle::identity {

/// Those of before had one signature, and are not read.
inline constexpr std::uint8_t directory_version = 5;

struct DirectoryMember {
    MemberId member;
    std::string name;
    std::string role;  // as people say it: "minister", "officer"; may be empty
    /// What his name is mixed with in the transparency log, so that nobody finds it there by trying
    /// names; may be empty.
    Bytes blind{};
    Sections sections{};
    Portrait portrait{};

    /// The rest stands at the end of the page.
    auto fields(this auto& self) { return std::tie(self.member, self.name, self.role); }
};

inline constexpr std::size_t blind_size = 16;

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

/// The reader's member is in other sections than before: from now on he is in another one of the
/// directory's conversations. Whoever was named last on a page before `whole_from` is seen no more.
struct Move {
    protocol::LogId hall;
    PageNumber whole_from;

    auto fields(this auto& self) { return std::tie(self.hall, self.whole_from); }
};

struct DirectoryPage {
    std::uint8_t version = directory_version;
    PageNumber number;
    std::string circle_name;
    /// The circle's policy: of the suite of its conversations. For good, since moving on to another
    /// would be a ReInit of each.
    GroupSuite suite{0x0001};
    std::vector<DirectoryMember> members;
    std::vector<DirectoryDevice> devices;
    /// All that there are, whatever else the page is about: whoever has missed one learns of it
    /// with the next page. By their numbers.
    std::vector<Revocation> revocations{};
    /// What the transparency log has grown by: everything that the page says is in it.
    TransparencyGrowth growth{};
    /// The newest that there is, whatever else the page is about. Nothing: none was ever set.
    std::optional<SignedPolicy> policy{};
    /// Of the devices on this page: the turn that their inbox secrets are, unless it is the first
    /// one, which a device is born with. In the order of the devices.
    std::vector<TurnOfDevice> turns{};
    /// The officer's rules, as far as they are about people whom the reader sees.
    std::vector<Sight> sights{};
    /// Those whom the reader does not see any more.
    std::vector<MemberId> gone{};
    /// Of a page that comes by letter: for whose device alone it is. Anybody in the circle can
    /// write letters, and so pass on what he was shown himself.
    std::optional<DeviceId> reader{};
    /// By letter alone.
    std::optional<Move> move{};

    void encode_to(codec::Writer& writer) const;
    /// The turn of a device's inbox secret on this page.
    [[nodiscard]] InboxTurn turn_of(DeviceId device) const;

    /// Errors: unsupported. What revocations and the policy say is not judged here.
    [[nodiscard]] static Result<DirectoryPage> decode_from(codec::Reader& reader);
};

/// A page in parts of which each is a page by itself and fits into one letter or message: first
/// what the log has grown by, then who is in the circle; `gone`, `move` and the revocations in the
/// last. What the log says of the reader's own member stands in the part that brings it. They bear
/// the page's number, and are to be given ascending ones. One that fits stays as it is.
[[nodiscard]] std::vector<DirectoryPage> in_parts(DirectoryPage page);

/// No part is longer, encoded.
inline constexpr std::size_t longest_part = std::size_t{180} << 10U;

/// Of all that a page says.
[[nodiscard]] std::vector<TransparencyLeaf> leaves_of(const DirectoryPage& page);

/// A page with the authority's signature. It holds inbox secrets, hence a Secret.
[[nodiscard]] Secret sign_page(const DirectoryPage& page, const Authority& authority);

/// Errors: malformed, forged (also of the policy), unsupported, not_canonical
/// (revocations out of order, turns of no device on the page or out of order), invalid_text (a name
/// that deceives), too_many (sections or rules), and what Root::judge says of a certificate, which
/// must name the device and member it stands beside. Pictures are judged by who keeps them.
[[nodiscard]] Result<DirectoryPage> open_page(BytesView signed_page,
                                              const Root& root,
                                              WallTime now);

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
