//! Files that list vehicles or staff.

use std::io::{Read, Seek};

use super::header::Header;
use super::table::{Rows, Source, Table};
use super::{Kind, Unreadable};
use crate::base::Message;
use crate::base::draft::{Problem, ProblemCode};
use crate::fleet::draft::{StaffColumn, StaffDraft, VehicleColumn, VehicleDraft};

/// A file that lists what is driven, or who drives and goes along.
pub enum Fleet<R: Read + Seek> {
    /// Vehicles.
    Vehicles(Table<R, VehicleColumn>),
    /// Staff.
    Staff(Table<R, StaffColumn>),
}

impl<R: Read + Seek> Fleet<R> {
    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Vehicles(_) => Kind::Vehicles,
            Self::Staff(_) => Kind::Staff,
        }
    }

    /// Says of each column that means nothing to us that it was passed over: a vehicle has no notes to keep it in.
    pub fn passed_over(&self) -> Vec<Problem> {
        match self {
            Self::Vehicles(table) => table.passed_over(),
            Self::Staff(table) => table.passed_over(),
        }
    }

    /// Why nothing of it can go in where travellers are taken in.
    pub fn refused(&self) -> Unreadable {
        Unreadable::problem(1, None, ProblemCode::BadHeader, Message::new("file_lists_a_fleet"))
    }
}

impl<R: Read + Seek> Table<R, VehicleColumn> {
    pub(super) fn of_vehicles(source: Source<R>, header: Header<VehicleColumn>) -> Result<Self, Unreadable> {
        const REQUIRED: &[&[VehicleColumn]] = &[&[VehicleColumn::Plate], &[VehicleColumn::Kind], &[VehicleColumn::Seats], &[VehicleColumn::Organisation]];
        Self::of(source, header, REQUIRED)
    }

    /// Reads the vehicles from the beginning.
    ///
    /// # Errors
    /// The file cannot be read (again).
    pub fn vehicles(&mut self) -> Result<Rows<'_, R, VehicleColumn, VehicleDraft>, Unreadable> {
        self.rows(|cells| VehicleDraft::read(&cells))
    }
}

impl<R: Read + Seek> Table<R, StaffColumn> {
    pub(super) fn of_staff(source: Source<R>, header: Header<StaffColumn>) -> Result<Self, Unreadable> {
        const REQUIRED: &[&[StaffColumn]] = &[&[StaffColumn::Badge], &[StaffColumn::Role], &[StaffColumn::Organisation]];
        Self::of(source, header, REQUIRED)
    }

    /// Reads the staff from the beginning.
    ///
    /// # Errors
    /// The file cannot be read (again).
    pub fn staff(&mut self) -> Result<Rows<'_, R, StaffColumn, StaffDraft>, Unreadable> {
        self.rows(|cells| StaffDraft::read(&cells))
    }
}
