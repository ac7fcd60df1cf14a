# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules of tools/check, one module each."""
