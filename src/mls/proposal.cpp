// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/proposal.h"

namespace cercle::mls {
namespace {

enum class ProposalOrRefType : std::uint8_t { Proposal = 1, Reference = 2 };

template <class Content>
Result<Proposal> read_as(codec::Reader& reader) {
    TRY(auto content, codec::read<Content>(reader));
    return Proposal{std::move(content)};
}

}  // namespace

void Proposal::encode_to(codec::Writer& writer) const {
    codec::write(writer, type());
    std::visit([&](const auto& chosen) { codec::write(writer, chosen); }, content);
}

Result<Proposal> Proposal::decode_from(codec::Reader& reader) {
    TRY(const auto type, codec::read<ProposalType>(reader));
    switch (type) {
        case ProposalType::Add:
            return read_as<Add>(reader);
        case ProposalType::Update:
            return read_as<Update>(reader);
        case ProposalType::Remove:
            return read_as<Remove>(reader);
        case ProposalType::PreSharedKey:
            return read_as<PreSharedKey>(reader);
        case ProposalType::ReInit:
            return read_as<ReInit>(reader);
        case ProposalType::ExternalInit:
            return read_as<ExternalInit>(reader);
        case ProposalType::GroupContextExtensions:
            return read_as<GroupContextExtensions>(reader);
    }
    return fail(Code::proposal_type_unknown, "a proposal of a type that no member understands");
}

void ProposalOrRef::encode_to(codec::Writer& writer) const {
    codec::write(writer,
                 content.index() == 0 ? ProposalOrRefType::Proposal : ProposalOrRefType::Reference);
    std::visit([&](const auto& chosen) { codec::write(writer, chosen); }, content);
}

Result<ProposalOrRef> ProposalOrRef::decode_from(codec::Reader& reader) {
    TRY(const auto type, codec::read<ProposalOrRefType>(reader));
    if (type == ProposalOrRefType::Proposal) {
        TRY(auto proposal, codec::read<Proposal>(reader));
        return ProposalOrRef{std::move(proposal)};
    }
    if (type == ProposalOrRefType::Reference) {
        TRY(auto reference, codec::read<Bytes>(reader));
        return ProposalOrRef{std::move(reference)};
    }
    return fail(Code::malformed, "neither a proposal nor a reference to one");
}

}  // namespace cercle::mls
