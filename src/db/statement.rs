//! Statements that the query builder has no words for but both engines understand alike. They are prepared once and kept, as its own are;
//! `diesel::sql_query` is read anew each time.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::{QueryResult, RunQueryDsl};

use super::conn::{Conn, Multi};

/// A statement of the query builder's of which there are few texts. Without this every update is read anew each time, because one might set other columns
/// than another, and so is every question about a list, because one might be longer; it is kept once for each length, so lists must be short.
#[derive(Debug)]
pub(crate) struct Kept<Q>(pub(crate) Q);

/// A statement in SQL with values.
pub(crate) struct Statement(Vec<Part>);

enum Part {
    Sql(&'static str),
    Bind(Box<dyn QueryFragment<Multi> + Send>),
}

/// A value of the SQL type `S`.
struct Bind<S, V>(V, PhantomData<S>);

impl Statement {
    /// Begins with `sql`.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self(vec![Part::Sql(sql)])
    }

    /// Goes on with `sql`.
    pub(crate) fn sql(mut self, sql: &'static str) -> Self {
        self.0.push(Part::Sql(sql));
        self
    }

    /// Goes on with a value.
    pub(crate) fn bind<S, V>(mut self, value: V) -> Self
    where
        S: Send + 'static,
        V: ToSql<S, Multi> + Send + 'static,
        Multi: HasSqlType<S>,
    {
        self.0.push(Part::Bind(Box::new(Bind::<S, V>(value, PhantomData))));
        self
    }

    /// Goes on with values, with commas between them.
    pub(crate) fn bind_list<S, V>(mut self, values: impl Iterator<Item = V>) -> Self
    where
        S: Send + 'static,
        V: ToSql<S, Multi> + Send + 'static,
        Multi: HasSqlType<S>,
    {
        for (n, value) in values.enumerate() {
            self = if n == 0 { self } else { self.sql(", ") }.bind::<S, V>(value);
        }
        self
    }
}

impl<Q> RunQueryDsl<Conn> for Kept<Q> {}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    /// It is known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Multi>> QueryFragment<Multi> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Multi) -> QueryResult<bool> {
        Ok(true)
    }
}

impl RunQueryDsl<Conn> for Statement {}

impl QueryId for Statement {
    type QueryId = ();
    /// It is known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Multi> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Bind(value) => value.walk_ast(out.reborrow())?,
            }
        }
        Ok(())
    }
}

impl<S, V> QueryFragment<Multi> for Bind<S, V>
where
    V: ToSql<S, Multi>,
    Multi: HasSqlType<S>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        out.push_bind_param::<S, V>(&self.0)
    }
}
