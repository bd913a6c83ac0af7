//! The machine's recommendations as the analyst arranged them: own words beside them, own order, some left out.

use std::collections::HashMap;

use super::{RecommendationTexts, TextHorizon};
use crate::analysis::recommendations::{Horizon, Recommendation};

/// A recommendation with what the analyst made of it.
#[derive(Clone, Copy, Debug)]
pub struct Arranged<'a> {
    pub recommendation: &'a Recommendation,
    /// Stand in the place of the machine's.
    pub own_words: Option<&'a str>,
}

impl RecommendationTexts {
    /// Those that are shown, in the analyst's order; what is not ordered follows as it came.
    pub fn arranged<'a>(&'a self, all: &'a [Recommendation]) -> Vec<Arranged<'a>> {
        let places: HashMap<&str, usize> =
            self.order.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
        let mut shown: Vec<&Recommendation> =
            all.iter().filter(|one| !self.hidden.contains(&one.id)).collect();
        shown.sort_by_key(|one| places.get(one.id.as_str()).copied().unwrap_or(usize::MAX));
        let arranged = |recommendation: &'a Recommendation| {
            let own_words = self.words.get(&recommendation.id).map(|words| words.trim());
            Arranged { recommendation, own_words: own_words.filter(|words| !words.is_empty()) }
        };
        shown.into_iter().map(arranged).collect()
    }

    /// Puts a recommendation so many places further among those of its horizon.
    pub fn move_by(&mut self, all: &[Recommendation], id: &str, places: isize) {
        let Some(horizon) = all.iter().find(|one| one.id == id).map(|one| one.horizon) else { return };
        let mut order: Vec<String> = Horizon::ALL
            .into_iter()
            .flat_map(|horizon| {
                self.arranged(all).into_iter().filter(move |one| one.recommendation.horizon == horizon)
            })
            .map(|one| one.recommendation.id.clone())
            .collect();
        let peers: Vec<usize> = (0..order.len())
            .filter(|place| all.iter().any(|one| one.id == order[*place] && one.horizon == horizon))
            .collect();
        let Some(at) = peers.iter().position(|place| order[*place] == id) else { return };
        let Some(to) = at.checked_add_signed(places).and_then(|to| peers.get(to)) else { return };
        order.swap(peers[at], *to);
        self.order = order;
    }
}

impl From<TextHorizon> for Horizon {
    fn from(horizon: TextHorizon) -> Self {
        match horizon {
            TextHorizon::Immediate => Self::Immediate,
            TextHorizon::ShortTerm => Self::ShortTerm,
            TextHorizon::LongTerm => Self::LongTerm,
        }
    }
}

impl From<Horizon> for TextHorizon {
    fn from(horizon: Horizon) -> Self {
        match horizon {
            Horizon::Immediate => Self::Immediate,
            Horizon::ShortTerm => Self::ShortTerm,
            Horizon::LongTerm => Self::LongTerm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::recommendations::ProjectedEffect;

    fn all() -> Vec<Recommendation> {
        let one = |id: &str, horizon| Recommendation {
            id: id.to_owned(),
            horizon,
            title: id.to_uppercase(),
            words: String::new(),
            stands_on: Vec::new(),
            effect: ProjectedEffect::MeasureFirst,
            experiment: None,
            weight: 1.0,
        };
        vec![one("a", Horizon::Immediate), one("b", Horizon::Immediate), one("c", Horizon::LongTerm)]
    }

    fn ids(texts: &RecommendationTexts) -> Vec<String> {
        texts.arranged(&all()).iter().map(|one| one.recommendation.id.clone()).collect()
    }

    #[test]
    fn what_is_hidden_is_left_out_and_what_is_not_ordered_follows() {
        let texts = RecommendationTexts {
            order: vec!["c".to_owned(), "gone".to_owned()],
            hidden: vec!["a".to_owned()],
            words: [("b".to_owned(), " Mine. ".to_owned()), ("c".to_owned(), "  ".to_owned())].into(),
            ..RecommendationTexts::default()
        };
        assert_eq!(ids(&texts), ["c", "b"]);
        let all = all();
        let own: Vec<Option<&str>> = texts.arranged(&all).iter().map(|one| one.own_words).collect();
        assert_eq!(own, [None, Some("Mine.")]);
    }

    #[test]
    fn a_recommendation_moves_among_those_of_its_horizon_alone() {
        let mut texts = RecommendationTexts::default();
        texts.move_by(&all(), "b", -1);
        assert_eq!(ids(&texts), ["b", "a", "c"]);
        for (id, places) in [("b", -1), ("a", 1), ("c", -1), ("gone", 1)] {
            texts.move_by(&all(), id, places);
            assert_eq!(ids(&texts), ["b", "a", "c"], "{id} {places}");
        }
    }
}
