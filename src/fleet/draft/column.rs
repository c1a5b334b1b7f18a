//! The columns that rosters of vehicles and of staff have: in Chinese by the words of the pages, in English by those of the API.

use crate::base::draft::ColumnSet;

/// A column of a roster of vehicles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its two names, which are the contract's")]
pub enum VehicleColumn {
    Plate,
    Kind,
    Seats,
    LoadCap,
    ContactCap,
    Wheelchairs,
    Infants,
    Luggage,
    Organisation,
    Depot,
    Permit,
    PermitExpiresOn,
    InService,
}

impl ColumnSet for VehicleColumn {
    const ALL: &'static [Self] = &[
        Self::Plate,
        Self::Kind,
        Self::Seats,
        Self::LoadCap,
        Self::ContactCap,
        Self::Wheelchairs,
        Self::Infants,
        Self::Luggage,
        Self::Organisation,
        Self::Depot,
        Self::Permit,
        Self::PermitExpiresOn,
        Self::InService,
    ];

    fn place(self) -> usize {
        self as usize
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Plate => ("车牌号", "plate"),
            Self::Kind => ("车型", "kind"),
            Self::Seats => ("座位数", "seats"),
            Self::LoadCap => ("限乘", "load_cap"),
            Self::ContactCap => ("密接人员上限", "contact_cap"),
            Self::Wheelchairs => ("轮椅位", "wheelchairs"),
            Self::Infants => ("儿童座椅", "infants"),
            Self::Luggage => ("行李件数", "luggage"),
            Self::Organisation => ("单位", "organisation"),
            Self::Depot => ("停放地", "depot"),
            Self::Permit => ("包车客运标志牌", "permit"),
            Self::PermitExpiresOn => ("有效期至", "permit_expires_on"),
            Self::InService => ("可用", "in_service"),
        }
    }

    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Plate => &["车牌", "车牌号码"],
            Self::Kind => &["种类"],
            Self::Seats => &["座位"],
            Self::LoadCap => &["核载上限", "载客上限"],
            Self::ContactCap => &["密接上限"],
            Self::Organisation => &["所属单位"],
            Self::Depot => &["驻地"],
            Self::Permit => &["包车牌号"],
            Self::PermitExpiresOn => &["包车牌有效期", "包车客运标志牌有效期", "有效期"],
            Self::Wheelchairs | Self::Infants | Self::Luggage | Self::InService => &[],
        }
    }

    fn is_time(self) -> bool {
        self == Self::PermitExpiresOn
    }
}

/// A column of a roster of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its two names, which are the contract's")]
pub enum StaffColumn {
    Badge,
    Name,
    Role,
    Licence,
    Organisation,
    Depot,
    InService,
}

impl ColumnSet for StaffColumn {
    const ALL: &'static [Self] = &[Self::Badge, Self::Name, Self::Role, Self::Licence, Self::Organisation, Self::Depot, Self::InService];

    fn place(self) -> usize {
        self as usize
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Badge => ("工号", "badge"),
            Self::Name => ("姓名", "name"),
            Self::Role => ("岗位", "role"),
            Self::Licence => ("准驾车型", "licence"),
            Self::Organisation => ("单位", "organisation"),
            Self::Depot => ("停放地", "depot"),
            Self::InService => ("在岗", "in_service"),
        }
    }

    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Organisation => &["所属单位"],
            Self::Depot => &["驻地"],
            Self::Badge | Self::Name | Self::Role | Self::Licence | Self::InService => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in_order<C: ColumnSet>() -> bool {
        C::ALL.iter().enumerate().all(|(place, column)| column.place() == place)
    }

    #[test]
    fn every_column_stands_at_its_own_place() {
        assert!(is_in_order::<VehicleColumn>() && is_in_order::<StaffColumn>());
    }
}
